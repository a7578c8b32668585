/** What part of the product a bug is in. */
export const AREAS = [
  'actors',
  'recovery',
  'journal',
  'links',
  'updates',
  'offers',
  'registration',
] as const;

export type Area = (typeof AREAS)[number];

/** What looks for a bug: seeds of the campaign, seeds of nodes alone, or the crash matrix. */
export type Hunter = 'seeds' | 'actors' | 'crashes';

/** A mistake that somebody could make, as an edit of one file. */
export interface PlantedBug {
  readonly id: string;
  readonly area: Area;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The rule that it breaks, with its id among the invariants. */
  readonly breaks: string;
  /** Default: seeds. */
  readonly hunter?: Hunter;
}

/** A bug cannot be planted: the text that it changes is not there, or there more than once. */
export class PlantingError extends Error {
  readonly code = 'PLANTING_FAILED';

  constructor({ id, file }: PlantedBug, times: number) {
    super(`Bug '${id}': its text occurs ${String(times)} times in ${file}, and not once`);
  }
}

/** The source with the bug in it. */
export function plant(bug: PlantedBug, source: string): string {
  const parts = source.split(bug.find);
  if (parts.length !== 2) throw new PlantingError(bug, parts.length - 1);
  return parts.join(bug.replace);
}
