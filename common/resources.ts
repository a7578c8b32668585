import type { Resource } from '../proto/index.ts';
import { printRanges, unionRanges, countRanges, NO_RANGES, type Ranges } from './ranges.ts';
import {
  containsEntry,
  entryOf,
  subtract,
  subtractable,
  withKind,
  type Entry,
} from './resource-entry.ts';
import type { ResourceKind } from './resource-kind.ts';
import { printEntry } from './resource-print.ts';
import { addTo, sumOf } from './resource-sum.ts';
import { ResourceQuantities } from './resource-quantities.ts';
import { resourceProblem } from './resource-validation.ts';
import { toPreRefinement, toWire } from './resource-wire.ts';
import { parseEntries } from './resources-text.ts';
import { InvalidTextError } from './errors.ts';
import { success, type Result } from './result.ts';
import { fromMilli, type Milli } from './scalars.ts';
import { isReservedFor } from './roles.ts';

/** `resources` objects of the classic endpoints: clients rely on the four numbers being there. */
export interface ResourcesJson {
  readonly cpus: number;
  readonly gpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly [name: string]: number | string;
}

/** Sums by name, made when first asked for. */
interface Sums {
  all?: ResourceQuantities;
  scalars?: ResourceQuantities;
}

/** What the forms of one collection with and without allocation have in common. */
interface Shared {
  readonly sums?: Sums;
  readonly unallocated?: Resources;
}

// No private method may name the class: tsc then gives the class an alias that static initializers
// see too early.
let create: (entries: readonly Entry[], shared?: Shared) => Resources;

/** One object stands for all empty collections. */
const wrap = (entries: readonly Entry[]): Resources =>
  entries.length === 0 ? Resources.EMPTY : create(entries);

/**
 * A collection of resources, each kind at most once save for volumes and devices, which stay apart.
 * Immutable: operations give new collections, or this one where nothing changes. Nothing in it is
 * empty or negative; taking more than there is leaves nothing of that kind. Arithmetic follows
 * resources.cpp: amounts meet only if allocation, reservations, disk, revocability, sharing and
 * provider are the same.
 */
export class Resources {
  static {
    create = (entries, shared) => new Resources(entries, shared);
  }

  static readonly EMPTY = create([]);

  readonly entries: readonly Entry[];
  readonly #sums: Sums;
  /** The collection that this one was allocated from. */
  readonly #unallocated: Resources | undefined;

  private constructor(entries: readonly Entry[], { sums = {}, unallocated }: Shared = {}) {
    this.entries = entries;
    this.#sums = sums;
    this.#unallocated = unallocated;
  }

  /** Entries of one kind are summed, empty ones dropped. */
  static of(entries: Iterable<Entry>): Resources {
    return wrap(sumOf(entries));
  }

  /** What is not valid by itself is left out, as everywhere in Mesos; validate first to refuse it. */
  static fromProtobuf(resources: readonly Resource[] = []): Resources {
    return Resources.of(resources.filter((one) => resourceProblem(one) === undefined).map(entryOf));
  }

  /**
   * Reads the notation of `--resources`: `cpus:4;mem(role):1024;ports:[31000-32000]`, or a JSON
   * array of Resource messages. Resources without a role become statically reserved to
   * `defaultRole` unless it is `*`.
   */
  static parse(text: string, defaultRole = '*'): Result<Resources> {
    const entries = parseEntries(text, defaultRole);
    return entries.ok ? success(Resources.of(entries.value)) : entries;
  }

  /** For texts in source code. Throws `InvalidTextError`. */
  static from(text: string): Resources {
    const parsed = Resources.parse(text);
    if (!parsed.ok) throw new InvalidTextError(parsed.error);
    return parsed.value;
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  plus(other: Resources): Resources {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    const sum = [...this.entries];
    for (const entry of other.entries) addTo(sum, entry);
    return wrap(sum);
  }

  /** What cannot be taken from here, because it is of another kind, is ignored. */
  minus(other: Resources): Resources {
    if (other.isEmpty || this.isEmpty) return this;
    if (this === other) return Resources.EMPTY;
    const rest = [...this.entries];
    for (const entry of other.entries) takeFrom(rest, entry);
    return wrap(rest);
  }

  contains(other: Resources): boolean {
    if (this === other || other.isEmpty) return true;
    const { entries } = other;
    if (entries.every(isPlainEntry)) return entries.every((entry) => this.#holds(entry));
    // One volume here cannot stand for two there.
    const rest = [...this.entries];
    for (const entry of entries) {
      if (!rest.some((candidate) => containsEntry(candidate, entry))) return false;
      takeFrom(rest, entry);
    }
    return true;
  }

  equals(other: Resources): boolean {
    return this === other || (this.contains(other) && other.contains(this));
  }

  #holds(entry: Entry): boolean {
    for (const candidate of this.entries) if (containsEntry(candidate, entry)) return true;
    return false;
  }

  /** The sum of the scalars of that name, in thousandths; 0 if there are none. */
  milli(name: string): Milli {
    let sum = 0;
    for (const { kind, milli } of this.entries) if (kind.name === name) sum += milli;
    return sum;
  }

  /** The sum of the scalars of that name; undefined if there are none. */
  scalar(name: string): number | undefined {
    return this.entries.some(({ kind }) => kind.name === name && kind.type === 'SCALAR')
      ? fromMilli(this.milli(name))
      : undefined;
  }

  get cpus(): number | undefined {
    return this.scalar('cpus');
  }
  get gpus(): number | undefined {
    return this.scalar('gpus');
  }
  /** In megabytes. */
  get mem(): number | undefined {
    return this.scalar('mem');
  }
  /** In megabytes. */
  get disk(): number | undefined {
    return this.scalar('disk');
  }
  get ports(): Ranges {
    return this.ranges('ports');
  }

  ranges(name: string): Ranges {
    return this.entries
      .filter(({ kind }) => kind.name === name)
      .reduce((sum, { ranges }) => unionRanges(sum, ranges), NO_RANGES);
  }

  /** Each name once, in the order of the entries. */
  get names(): readonly string[] {
    return [...new Set(this.entries.map(({ kind }) => kind.name))];
  }

  get(name: string): Resources {
    return this.filter((kind) => kind.name === name);
  }

  filter(accepts: (kind: ResourceKind) => boolean): Resources {
    const { entries } = this;
    const first = entries.findIndex(({ kind }) => !accepts(kind));
    if (first < 0) return this;
    const rest = entries.slice(first + 1).filter(({ kind }) => accepts(kind));
    return wrap([...entries.slice(0, first), ...rest]);
  }

  /** Reserved to that role, or to any. */
  reserved(role?: string): Resources {
    return this.filter(
      (kind) => kind.isReserved && (role === undefined || kind.reservationRole === role),
    );
  }

  unreserved(): Resources {
    return this.filter((kind) => !kind.isReserved);
  }

  revocable(): Resources {
    return this.filter((kind) => kind.revocable);
  }

  nonRevocable(): Resources {
    return this.filter((kind) => !kind.revocable);
  }

  scalars(): Resources {
    return this.filter((kind) => kind.type === 'SCALAR');
  }

  /** What may be allocated to `role`: the unreserved, and what it or an ancestor has reserved. */
  allocatableTo(role: string): Resources {
    return this.filter((kind) => !kind.isReserved || isReservedFor(kind.reservationRole, role));
  }

  /** By the role that each is reserved to, innermost; unreserved ones are left out. */
  reservations(): ReadonlyMap<string, Resources> {
    return this.#groupBy((kind) => (kind.isReserved ? kind.reservationRole : undefined));
  }

  /** By the role that each is allocated to; what is not allocated is left out. */
  allocations(): ReadonlyMap<string, Resources> {
    const role = this.allocationRole;
    if (role !== undefined) return new Map([[role, this]]);
    return this.#groupBy((kind) => kind.allocationRole);
  }

  /** The role that all of it is allocated to; undefined if there is none or more than one. */
  get allocationRole(): string | undefined {
    const role = this.entries[0]?.kind.allocationRole;
    return this.entries.every(({ kind }) => kind.allocationRole === role) ? role : undefined;
  }

  #groupBy(roleOf: (kind: ResourceKind) => string | undefined): ReadonlyMap<string, Resources> {
    const groups = new Map<string, Entry[]>();
    for (const entry of this.entries) {
      const role = roleOf(entry.kind);
      if (role === undefined) continue;
      const group = groups.get(role);
      if (group) group.push(entry);
      else groups.set(role, [entry]);
    }
    return new Map([...groups].map(([role, entries]) => [role, wrap(entries)]));
  }

  /** The same, marked as allocated to `role`. */
  allocate(role: string): Resources {
    if (this.isEmpty) return this;
    // Entries that were apart stay apart, and the sums stay what they are.
    return create(
      this.#mapped((kind) => kind.allocatedTo(role)),
      { sums: this.#sums, unallocated: this.unallocate() },
    );
  }

  /** The very collection that was allocated, if this came of `allocate`. */
  unallocate(): Resources {
    if (this.#unallocated) return this.#unallocated;
    if (this.entries.every(({ kind }) => kind.allocationRole === undefined)) return this;
    return Resources.of(this.#mapped((kind) => kind.unallocated));
  }

  /** The same without reservations (`flatten`, `toUnreserved`). */
  toUnreserved(): Resources {
    if (this.entries.every(({ kind }) => !kind.isReserved)) return this;
    return Resources.of(this.#mapped((kind) => kind.unreserved()));
  }

  #mapped(change: (kind: ResourceKind) => ResourceKind): Entry[] {
    return this.entries.map((entry) => withKind(entry, change(entry.kind)));
  }

  /** Sums by name; ranges and sets are counted. */
  quantities(): ResourceQuantities {
    return (this.#sums.all ??= ResourceQuantities.of(
      this.entries.map((entry) => ({ name: entry.kind.name, milli: quantityOf(entry) })),
    ));
  }

  /** Sums of the scalars by name: what counts in fair shares. */
  scalarQuantities(): ResourceQuantities {
    return (this.#sums.scalars ??= ResourceQuantities.of(
      this.entries
        .filter(({ kind }) => kind.type === 'SCALAR')
        .map(({ kind, milli }) => ({ name: kind.name, milli })),
    ));
  }

  /** In the reservation format of today (`reservations`). */
  toProtobuf(): readonly Resource[] {
    return this.entries.flatMap(toWire);
  }

  /**
   * In the format for frameworks without RESERVATION_REFINEMENT and agents before it (`role`,
   * `reservation`). Undefined if there is a refined reservation, which that format cannot say.
   */
  toPreRefinementProtobuf(): readonly Resource[] | undefined {
    return this.entries.some(({ kind }) => kind.reservations.length > 1)
      ? undefined
      : this.entries.flatMap(toWire).map(toPreRefinement);
  }

  /** For the endpoints: revocable amounts apart, under `<name>_revocable`. */
  toJson(): ResourcesJson {
    const json: Record<string, number | string> = {};
    for (const entry of this.entries) {
      const { kind } = entry;
      const name = kind.revocable ? `${kind.name}_revocable` : kind.name;
      if (kind.type === 'SCALAR') json[name] = fromMilli(this.#milliOf(kind));
      else if (kind.type === 'RANGES') json[name] = printRanges(this.ranges(kind.name));
      else json[name] = `{${this.#itemsOf(kind).join(', ')}}`;
    }
    return { disk: 0, mem: 0, gpus: 0, cpus: 0, ...json };
  }

  #milliOf({ name, revocable }: ResourceKind): Milli {
    return this.entries
      .filter(({ kind }) => kind.name === name && kind.revocable === revocable)
      .reduce((sum, { milli }) => sum + milli, 0);
  }

  #itemsOf({ name }: ResourceKind): readonly string[] {
    return [
      ...new Set(this.entries.filter(({ kind }) => kind.name === name).flatMap((one) => one.items)),
    ];
  }

  /** `cpus:4; mem:1024; ports:[31000-32000]`, and `{}` for nothing. */
  toString(): string {
    return this.isEmpty ? '{}' : this.entries.map(printEntry).join('; ');
  }
}

function takeFrom(rest: Entry[], entry: Entry): void {
  const index = rest.findIndex((candidate) => subtractable(candidate, entry));
  const candidate = rest[index];
  if (!candidate) return;
  const left = subtract(candidate, entry);
  if (left) rest[index] = left;
  else rest.splice(index, 1);
}

const isPlainEntry = ({ kind }: Entry): boolean => !kind.indivisible && !kind.shared;

const MILLI_PER_ITEM = 1_000;

function quantityOf({ kind, milli, ranges, items }: Entry): Milli {
  switch (kind.type) {
    case 'SCALAR':
      return milli;
    case 'RANGES':
      return countRanges(ranges) * MILLI_PER_ITEM;
    case 'SET':
      return items.length * MILLI_PER_ITEM;
  }
}
