import type { Resource } from '../proto/index.ts';
import { containsItems, NO_ITEMS, subtractItems, unionItems, type Items } from './item-sets.ts';
import {
  coalesce,
  containsRanges,
  equalRanges,
  NO_RANGES,
  subtractRanges,
  unionRanges,
  type Ranges,
} from './ranges.ts';
import { kindOf, type ResourceKind } from './resource-kind.ts';
import { toMilli, type Milli } from './scalars.ts';

/** One kind of resource and how much of it; of the three amounts the kind's type says which counts. */
export interface Entry {
  readonly kind: ResourceKind;
  readonly milli: Milli;
  readonly ranges: Ranges;
  readonly items: Items;
  /** How often a shared resource is held; 1 for all others. */
  readonly copies: number;
}

const make = (
  kind: ResourceKind,
  { milli = 0, ranges = NO_RANGES, items = NO_ITEMS, copies = 1 }: Partial<Entry>,
): Entry => ({ kind, milli, ranges, items, copies });

export const withKind = (entry: Entry, kind: ResourceKind): Entry => ({
  kind,
  milli: entry.milli,
  ranges: entry.ranges,
  items: entry.items,
  copies: entry.copies,
});

export const scalarEntry = (kind: ResourceKind, milli: Milli): Entry => make(kind, { milli });
export const rangesEntry = (kind: ResourceKind, ranges: Ranges): Entry => make(kind, { ranges });
export const itemsEntry = (kind: ResourceKind, items: Items): Entry => make(kind, { items });

/** The entry of a resource of the wire that has been validated. */
export function entryOf(resource: Resource): Entry {
  return make(kindOf(resource), {
    milli: toMilli(resource.scalar?.value ?? 0),
    ranges: coalesce(resource.ranges?.range ?? []),
    items: [...new Set(resource.set?.item ?? [])],
  });
}

export function isEmptyEntry(entry: Entry): boolean {
  switch (entry.kind.type) {
    case 'SCALAR':
      return entry.milli <= 0;
    case 'RANGES':
      return entry.ranges.length === 0;
    case 'SET':
      return entry.items.length === 0;
  }
}

/** Whether the two become one entry when added. */
export function addable(left: Entry, right: Entry): boolean {
  if (!left.kind.sameAs(right.kind)) return false;
  if (left.kind.shared) return sameAmount(left, right);
  return !left.kind.indivisible;
}

/** Whether `right` can be taken from `left`, were there enough of it. */
export function subtractable(left: Entry, right: Entry): boolean {
  if (!left.kind.sameAs(right.kind)) return false;
  return left.kind.shared || left.kind.indivisible ? sameAmount(left, right) : true;
}

export function add(left: Entry, right: Entry): Entry {
  const { kind } = left;
  if (kind.shared) return make(kind, { ...left, copies: left.copies + right.copies });
  switch (kind.type) {
    case 'SCALAR':
      return make(kind, { milli: left.milli + right.milli });
    case 'RANGES':
      return make(kind, { ranges: unionRanges(left.ranges, right.ranges) });
    case 'SET':
      return make(kind, { items: unionItems(left.items, right.items) });
  }
}

/** What is left; undefined if nothing, also where more was taken than there was. */
export function subtract(left: Entry, right: Entry): Entry | undefined {
  const rest = remainder(left, right);
  return rest.copies <= 0 || isEmptyEntry(rest) ? undefined : rest;
}

function remainder(left: Entry, right: Entry): Entry {
  const { kind } = left;
  if (kind.shared) return make(kind, { ...left, copies: left.copies - right.copies });
  switch (kind.type) {
    case 'SCALAR':
      return make(kind, { milli: left.milli - right.milli });
    case 'RANGES':
      return make(kind, { ranges: subtractRanges(left.ranges, right.ranges) });
    case 'SET':
      return make(kind, { items: subtractItems(left.items, right.items) });
  }
}

export function containsEntry(left: Entry, right: Entry): boolean {
  if (left === right) return true;
  if (!subtractable(left, right) || left.copies < right.copies) return false;
  switch (left.kind.type) {
    case 'SCALAR':
      return left.milli >= right.milli;
    case 'RANGES':
      return containsRanges(left.ranges, right.ranges);
    case 'SET':
      return containsItems(left.items, right.items);
  }
}

function sameAmount(left: Entry, right: Entry): boolean {
  return (
    left.milli === right.milli &&
    equalRanges(left.ranges, right.ranges) &&
    left.items.length === right.items.length &&
    containsItems(left.items, right.items)
  );
}
