import { ResourceQuantities } from '../../common/resource-quantities.ts';
import type { Milli } from '../../common/scalars.ts';

/** A client in the order of a sorter. */
export interface SorterClient {
  readonly client: string;
}

/**
 * Says whose turn it is. Clients are paths: `a/b` and `a/c` first compete together, as `a`, with the
 * others at the top, then with each other.
 */
export interface Sorter {
  /** New clients are inactive: they have a share but no turn. */
  add(client: string): void;
  remove(client: string): void;
  activate(client: string): void;
  deactivate(client: string): void;
  /** Of a client or of an inner node of the tree. Default: 1. */
  updateWeight(path: string, weight: number): void;
  /** Counts as one allocation more, whatever its size. */
  allocated(client: string, quantities: ResourceQuantities): void;
  unallocated(client: string, quantities: ResourceQuantities): void;
  /**
   * The active clients, the one whose turn it is first. Allocations made while walking through do
   * not disturb it; the next `sort` may reuse the array.
   */
  sort(): readonly SorterClient[];
  has(client: string): boolean;
  readonly size: number;
}

/**
 * The pool that shares are taken of: what all agents together have. One object serves all sorters
 * of an allocator, so an agent is counted once, not once per role.
 */
export class SorterTotals {
  readonly #indexes = new Map<string, number>();
  readonly #excluded: ReadonlySet<string>;
  readonly #totals: Milli[] = [];
  #version = 0;

  /** `excluded`: names that do not count in shares (`--fair_sharing_excluded_resource_names`). */
  constructor(excluded: Iterable<string> = []) {
    this.#excluded = new Set(excluded);
  }

  /** Changes whenever shares may have. */
  get version(): number {
    return this.#version;
  }

  add(quantities: ResourceQuantities): void {
    this.addTo(this.#totals, quantities, 1);
    this.#version += 1;
  }

  subtract(quantities: ResourceQuantities): void {
    this.addTo(this.#totals, quantities, -1);
    this.#version += 1;
  }

  /** Adds to amounts that are kept in this pool's order of names. */
  addTo(amounts: Milli[], quantities: ResourceQuantities, sign: 1 | -1): void {
    for (const { name, milli } of quantities.quantities) {
      const index = this.#index(name);
      if (index !== undefined) amounts[index] = (amounts[index] ?? 0) + sign * milli;
    }
  }

  /** The amounts, as kept in this pool's order of names, by name. */
  quantitiesOf(amounts: readonly Milli[]): ResourceQuantities {
    return ResourceQuantities.of(
      [...this.#indexes].map(([name, index]) => ({ name, milli: amounts[index] ?? 0 })),
    );
  }

  /** The greatest part of any one kind. Kinds of which there are none do not count. */
  dominantShare(amounts: readonly Milli[]): number {
    let share = 0;
    for (let index = 0; index < amounts.length; index += 1) {
      const total = this.#totals[index] ?? 0;
      if (total > 0) share = Math.max(share, (amounts[index] ?? 0) / total);
    }
    return share;
  }

  #index(name: string): number | undefined {
    const known = this.#indexes.get(name);
    if (known !== undefined || this.#excluded.has(name)) return known;
    const index = this.#indexes.size;
    this.#indexes.set(name, index);
    return index;
  }
}
