import type { SimRandom } from '../sim-random.ts';

/** What a power cut leaves of that which no sync has made durable. */
export interface Survival {
  /** How many of a file's unsynced changes are kept, the oldest first. */
  changes(count: number): number;
  /** How many bytes of the write after those. */
  tornBytes(lengthBytes: number): number;
  /** Whether names are kept in the order in which they were made, as in a journal. Asked once. */
  ordered(): boolean;
  /** Whether a change of a name is kept. */
  name(): boolean;
}

/** How often the first change that did not survive left a part of itself. */
const TORN_PROBABILITY = 0.5;

/** Anything that a disk may do. */
export const bySeed = (random: SimRandom): Survival => ({
  changes: (count) => random.between(0, count),
  tornBytes: (lengthBytes) =>
    random.chance(TORN_PROBABILITY) ? random.between(0, lengthBytes) : 0,
  ordered: () => random.chance(0.5),
  name: () => !random.chance(0.5),
});

const surviving = (contents: boolean, names: boolean): Survival => ({
  changes: (count) => (contents ? count : 0),
  tornBytes: () => 0,
  ordered: () => true,
  name: () => names,
});

/** The corners of it: what was never synced is gone, or all there, or one of contents and names is. */
export const NOTHING_SURVIVES = surviving(false, false);
export const NAMES_SURVIVE = surviving(false, true);
export const CONTENTS_SURVIVE = surviving(true, false);
export const EVERYTHING_SURVIVES = surviving(true, true);
