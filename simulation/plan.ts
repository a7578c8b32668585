import type { Millis } from '../libprocess/clock.ts';
import { LAN, WAN, type Latency } from '../libprocess/sim/network/link-conditions.ts';
import type { SimRandom } from '../libprocess/sim/sim-random.ts';
import { FAULTS_OF_ALL, type FaultKind } from './faults/kinds.ts';

const WEEK_MS = 7 * 24 * 3_600_000;
const HEAVY_TAIL: Latency = { minMs: 0.2, maxMs: 5, tail: { probability: 0.002, maxMs: 60_000 } };
const LATENCIES: Readonly<Record<string, Latency>> = { LAN, WAN, 'heavy tail': HEAVY_TAIL };

export interface PlannedFault {
  readonly kind: FaultKind;
  /** After the one before has healed. */
  readonly afterMs: Millis;
}

/** All that a run is told beforehand; the rest is what the system makes of it. */
export interface Plan {
  readonly agents: number;
  readonly latency: string;
  /** Of each framework. */
  readonly tasks: number;
  /** Whether the tasks of the second framework run in executors of its own. */
  readonly custom: boolean;
  /** How likely it is that a task is killed once it runs. */
  readonly killChance: number;
  /** How long agents keep the sandboxes of what has ended. */
  readonly gcDelayMs: Millis;
  readonly faults: readonly PlannedFault[];
}

/** What is not left to the seed. */
export interface PlanLimits {
  /** Faults are of these kinds, each as likely as the others. */
  readonly kinds?: readonly FaultKind[];
  readonly faults?: number;
  readonly gapMsMax?: Millis;
  readonly agents?: number;
  readonly latency?: string;
  readonly tasks?: number;
  readonly custom?: boolean;
  readonly killChance?: number;
}

/**
 * Draws a plan. Each run has some kinds of faults only: those that are always there would hide what
 * comes of the others.
 */
export function drawPlan(random: SimRandom, limits: PlanLimits = {}): Plan {
  const some = FAULTS_OF_ALL.filter(() => random.chance(0.5));
  const kinds = limits.kinds ?? (some.length > 0 ? some : FAULTS_OF_ALL);
  const gapMsMax = limits.gapMsMax ?? random.pick([400, 8_000, 60_000]) ?? 8_000;
  const faults = Array.from({ length: limits.faults ?? random.between(4, 16) }, () => ({
    kind: random.pick(kinds) ?? 'reset',
    afterMs: random.between(Math.min(100, gapMsMax), gapMsMax),
  }));
  return {
    agents: limits.agents ?? random.between(2, 5),
    latency: limits.latency ?? random.pick(Object.keys(LATENCIES)) ?? 'LAN',
    tasks: limits.tasks ?? random.between(8, 32),
    custom: limits.custom ?? random.chance(0.5),
    killChance: limits.killChance ?? random.pick([0, 0.1, 0.4]) ?? 0,
    gcDelayMs: random.pick([WEEK_MS, 20_000, 1_000]) ?? WEEK_MS,
    faults,
  };
}

export function latencyOf({ latency }: Plan): Latency {
  return LATENCIES[latency] ?? LAN;
}

export function describePlan({ agents, latency, tasks, ...plan }: Plan): string {
  const { custom, killChance, gcDelayMs, faults } = plan;
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
  return (
    `${agents} agents, ${latency}, 2 frameworks of ${tasks} tasks${custom ? ', one with executors' : ''}, ` +
    `killed with a chance of ${killChance}, sandboxes kept for ${gcDelayMs / 1_000} s; ${faults.length} faults of ${kinds.join(', ')}`
  );
}
