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

/** What was never synced is gone. */
export const NOTHING_SURVIVES = surviving(false, false);
/** Every name is kept, of files whose unsynced contents are gone. */
export const NAMES_SURVIVE = surviving(false, true);
/** Every byte is kept, in files whose names may be gone. */
export const CONTENTS_SURVIVE = surviving(true, false);
/** As if all had been synced. */
export const EVERYTHING_SURVIVES = surviving(true, true);
