import { add, addable, isEmptyEntry, type Entry } from './resource-entry.ts';

/** Above this many kinds a table is quicker than a look at each. */
const SEARCHED_MAX = 16;

/** Entries of one kind as one, in the order in which the kinds came; empty ones are dropped. */
export function sumOf(entries: Iterable<Entry>): Entry[] {
  const sum: Entry[] = [];
  let places: Map<string, number> | undefined;
  for (const entry of entries) {
    if (isEmptyEntry(entry)) continue;
    if (sum.length < SEARCHED_MAX || entry.kind.shared) addTo(sum, entry);
    else addByKey(sum, entry, (places ??= placesOf(sum)));
  }
  return sum;
}

/** Adds `entry` to the one of its kind, or behind the others. */
export function addTo(sum: Entry[], entry: Entry): void {
  for (let index = 0; index < sum.length; index += 1) {
    const candidate = sum[index];
    if (candidate && addable(candidate, entry)) {
      sum[index] = add(candidate, entry);
      return;
    }
  }
  sum.push(entry);
}

function addByKey(sum: Entry[], entry: Entry, places: Map<string, number>): void {
  const place = places.get(entry.kind.key);
  const candidate = place === undefined ? undefined : sum[place];
  if (place !== undefined && candidate && addable(candidate, entry)) {
    sum[place] = add(candidate, entry);
    return;
  }
  places.set(entry.kind.key, sum.length);
  sum.push(entry);
}

const placesOf = (sum: readonly Entry[]): Map<string, number> =>
  new Map(sum.map(({ kind }, index) => [kind.key, index]));
