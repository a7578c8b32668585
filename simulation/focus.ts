import type { Millis } from '../libprocess/clock.ts';
import type { SimRandom } from '../libprocess/sim/sim-random.ts';
import { FAULTS_MORE, FAULTS_OF_ALL, FAULTS_OF_FOCUS, type FaultKind } from './faults/kinds.ts';
import type { Plan } from './plan.ts';

const FOCUS_CHANCE = 0.3;
const AIMED_CHANCE = 0.7;
const KINDS_MAX = 2;
const FAULTS_MIN = 4;
const FAULTS_MAX = 10;
/** Of those that last for minutes, so that these plans last no longer than others. */
const LONG_FAULTS_MAX = 3;
const LONG: ReadonlySet<FaultKind> = new Set([
  'hiccups',
  'long-partition',
  'very-long-partition',
] as const);

/** What such a plan has of its own; the rest is drawn as ever. */
type Focus = Pick<Plan, 'faults' | 'spawnMsMax' | 'syncMsMax' | 'tasks' | 'taskSecondsMax'>;

/**
 * Some runs have one or two kinds of faults, again and again, and machines that are slow more often:
 * moments that need the same fault several times, and no other in between, are rare in the mix of
 * all. Undefined: this run is not one of them.
 */
export function drawFocus(random: SimRandom): Focus | undefined {
  if (!random.chance(FOCUS_CHANCE)) return undefined;
  const among: readonly FaultKind[] = random.chance(AIMED_CHANCE)
    ? FAULTS_OF_FOCUS
    : [...FAULTS_OF_ALL, ...FAULTS_MORE];
  const kinds = random.shuffle(among).slice(0, KINDS_MAX);
  const gapMsMax: Millis = random.pick([400, 8_000, 60_000]) ?? 8_000;
  let long = 0;
  const faults = Array.from({ length: random.between(FAULTS_MIN, FAULTS_MAX) }, () => ({
    kind: random.pick(kinds) ?? 'reset',
    afterMs: random.between(Math.min(100, gapMsMax), gapMsMax),
  })).filter(({ kind }) => !LONG.has(kind) || (long += 1) <= LONG_FAULTS_MAX);
  // Enough of them that faults do not find all of them over.
  const isShort = random.chance(0.5);
  return {
    faults,
    tasks: isShort ? random.between(40, 100) : random.between(16, 48),
    taskSecondsMax: isShort ? 6 : 60,
    spawnMsMax: random.pick([undefined, 100, 3_000]),
    syncMsMax: random.pick([undefined, undefined, 1_000]),
  };
}
