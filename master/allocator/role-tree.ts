import type { FrameworkId } from '../../common/ids.ts';
import type { ResourceQuantities } from '../../common/resource-quantities.ts';
import type { WeightInfo } from '../../proto/index.ts';
import { DEFAULT_ROLE } from '../../common/roles.ts';
import { DrfSorter } from './drf-sorter.ts';
import { SorterTotals, type SorterClient } from './sorter.ts';

/**
 * Whose turn it is, in two levels: among the roles somebody is in or holds something in, then among
 * the frameworks of a role. All shares are parts of what the whole cluster has.
 */
export class RoleTree {
  readonly totals: SorterTotals;
  readonly #roles: DrfSorter;
  readonly #frameworks = new Map<string, DrfSorter>();

  constructor(fairSharingExcluded: Iterable<string>) {
    this.totals = new SorterTotals(fairSharingExcluded);
    this.#roles = new DrfSorter(this.totals);
  }

  /** The roles in which the framework has a place. */
  rolesOf(id: FrameworkId): readonly string[] {
    return [...this.#frameworks].filter(([, sorter]) => sorter.has(id)).map(([role]) => role);
  }

  rolesInOrder(): readonly SorterClient[] {
    return this.#roles.sort();
  }

  frameworksInOrder(role: string): readonly SorterClient[] {
    return this.#frameworks.get(role)?.sort() ?? [];
  }

  has(role: string, id: FrameworkId): boolean {
    return this.#frameworks.get(role)?.has(id) ?? false;
  }

  /** New in the role, without offers until activated. */
  add(role: string, id: FrameworkId): void {
    let frameworks = this.#frameworks.get(role);
    if (!frameworks) {
      frameworks = new DrfSorter(this.totals);
      this.#frameworks.set(role, frameworks);
      this.#roles.add(role);
      this.#roles.activate(role);
    }
    frameworks.add(id);
  }

  holdsNothing(role: string, id: FrameworkId): boolean {
    return this.#frameworks.get(role)?.allocation(id).isEmpty ?? true;
  }

  /** What it still holds in the role counts for the role no more. */
  remove(role: string, id: FrameworkId): void {
    const frameworks = this.#frameworks.get(role);
    if (!frameworks?.has(id)) return;
    this.#roles.unallocated(role, frameworks.allocation(id));
    frameworks.remove(id);
    if (frameworks.size > 0) return;
    this.#frameworks.delete(role);
    this.#roles.remove(role);
  }

  setActive(role: string, id: FrameworkId, active: boolean): void {
    const frameworks = this.#frameworks.get(role);
    if (active) frameworks?.activate(id);
    else frameworks?.deactivate(id);
  }

  allocated(role: string, id: FrameworkId, quantities: ResourceQuantities): void {
    this.#roles.allocated(role, quantities);
    this.#frameworks.get(role)?.allocated(id, quantities);
  }

  unallocated(role: string, id: FrameworkId, quantities: ResourceQuantities): void {
    this.#roles.unallocated(role, quantities);
    this.#frameworks.get(role)?.unallocated(id, quantities);
  }

  updateWeights(weights: readonly WeightInfo[]): void {
    for (const { role = DEFAULT_ROLE, weight } of weights) this.#roles.updateWeight(role, weight);
  }

  /** The weighted dominant share of a role, or of a framework in it. */
  share(role: string, id?: FrameworkId): number {
    const share = id ? this.#frameworks.get(role)?.share(id) : this.#roles.share(role);
    return share ?? 0;
  }
}
