/** Whole numbers from `begin` to `end`, both included. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/**
 * A set of whole numbers as the fewest ranges: sorted, disjoint, none touching the next. Every
 * function here but `coalesce` takes and gives this form.
 */
export type Ranges = readonly Range[];

export const NO_RANGES: Ranges = [];

/** The fewest ranges that hold the same numbers. */
export function coalesce(ranges: Iterable<Range>): Ranges {
  const sorted = [...ranges].sort((a, b) => a.begin - b.begin || a.end - b.end);
  const result: Range[] = [];
  let last: { begin: number; end: number } | undefined;
  for (const { begin, end } of sorted) {
    if (last && begin <= last.end + 1) last.end = Math.max(last.end, end);
    else result.push((last = { begin, end }));
  }
  return result;
}

export function unionRanges(left: Ranges, right: Ranges): Ranges {
  if (right.length === 0) return left;
  if (left.length === 0) return right;
  return coalesce([...left, ...right]);
}

/** The numbers of `left` that are not in `right`. Gives `left` itself if that is all of them. */
export function subtractRanges(left: Ranges, right: Ranges): Ranges {
  if (right.length === 0 || left.length === 0) return left;
  if (left === right) return NO_RANGES;
  const result: Range[] = [];
  let next = 0;
  let changed = false;
  for (const range of left) {
    let { begin } = range;
    while (next < right.length && (right[next]?.end ?? Infinity) < begin) next += 1;
    for (let cut = right[next]; cut && cut.begin <= range.end; cut = right[next]) {
      changed = true;
      if (cut.begin > begin) result.push({ begin, end: cut.begin - 1 });
      begin = cut.end + 1;
      if (cut.end > range.end) break; // It may cut the next range too.
      next += 1;
    }
    if (begin === range.begin) result.push(range);
    else if (begin <= range.end) result.push({ begin, end: range.end });
  }
  return changed ? result : left;
}

export function containsRanges(left: Ranges, right: Ranges): boolean {
  if (left === right) return true;
  let next = 0;
  for (const { begin, end } of right) {
    while (next < left.length && (left[next]?.end ?? Infinity) < begin) next += 1;
    const holder = left[next];
    if (!holder || holder.begin > begin || holder.end < end) return false;
  }
  return true;
}

export function equalRanges(left: Ranges, right: Ranges): boolean {
  if (left === right) return true;
  if (left.length !== right.length) return false;
  return left.every((range, index) => {
    const other = right[index];
    return other?.begin === range.begin && other.end === range.end;
  });
}

/** How many numbers there are. */
export const countRanges = (ranges: Ranges): number =>
  ranges.reduce((count, { begin, end }) => count + (end - begin + 1), 0);

/** `[31000-32000, 4000-4100]`. */
export const printRanges = (ranges: Ranges): string =>
  `[${ranges.map(({ begin, end }) => `${begin}-${end}`).join(', ')}]`;
