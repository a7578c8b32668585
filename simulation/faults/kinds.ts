/** Faults of connections and agents. */
export const FAULTS_OF_LINKS = [
  'reset',
  'half-open',
  'partition',
  'one-way',
  'isolate',
  'kill-agent',
] as const;

/** Also those that take what others remember, or make them wait. */
export const FAULTS_OF_ALL = [
  ...FAULTS_OF_LINKS,
  'separate-scheduler',
  'clog',
  'kill-master',
  'kill-scheduler',
  'power-cut',
  'rolling-restart',
  'pause-agent',
  'pause-master',
  'slow-disk',
  'full-disk',
  'failed-sync',
  'clock-jump',
] as const;

/** Rarer ones, and what operators do: added to those above from a stream of their own. */
export const FAULTS_MORE = [
  'bridge',
  'swizzle',
  'blackhole',
  'long-partition',
  'very-long-partition',
  'late-packets',
  'slow-reader',
  'stall',
  'kill-at-disk-operation',
  'kill-then-power-cut',
  'crash-loop',
  'disk-errors',
  'out-of-memory',
  'slow-spawns',
  'rival-scheduler',
  'agent-joins',
  'agent-replaced',
  'agent-leaves',
  'agent-cleans-up',
  'agent-stops',
  'agent-reconfigured',
  'agent-reimaged',
] as const;

/** At moments that others seldom meet: added from a stream of their own again. */
export const FAULTS_AIMED = [
  'kill-at-spawn',
  'kill-at-write-point',
  'slow-recovery',
  'slow-link',
  'slow-registry',
  'hiccups',
] as const;

/** Of several at a time: from a stream of their own once more. */
export const FAULTS_AT_ONCE = ['failover-without-agent', 'failover-without-scheduler'] as const;

/** Aimed ones, and others that come in plans of few kinds alone. */
export const FAULTS_OF_FOCUS = [...FAULTS_AIMED, 'busy-master', 'slow-takeover'] as const;

export type FaultKind =
  | (typeof FAULTS_OF_ALL)[number]
  | (typeof FAULTS_MORE)[number]
  | (typeof FAULTS_AT_ONCE)[number]
  | (typeof FAULTS_OF_FOCUS)[number];
