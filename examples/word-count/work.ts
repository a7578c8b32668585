import type { Counts } from './count-words.ts';

/** What a task is to do, as JSON in its `data`. Map: read and count; reduce: add up. */
export type Work =
  | { readonly kind: 'map'; readonly files: readonly string[]; readonly partitions: number }
  | { readonly kind: 'reduce'; readonly parts: readonly Counts[] };

/** What comes back, as JSON in the `data` of the last status update. One entry for a reduce task. */
export type Outcome = readonly Counts[];

export const encode = (value: Work | Outcome): Uint8Array => Buffer.from(JSON.stringify(value));

export const decodeWork = (data: Uint8Array = Buffer.from('')): Work =>
  JSON.parse(Buffer.from(data).toString()) as Work;

export const decodeOutcome = (data: Uint8Array = Buffer.from('[]')): Outcome =>
  JSON.parse(Buffer.from(data).toString()) as Outcome;
