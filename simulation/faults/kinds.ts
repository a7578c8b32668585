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

export type FaultKind = (typeof FAULTS_OF_ALL)[number];
