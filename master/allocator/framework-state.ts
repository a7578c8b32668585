import type { AgentId, FrameworkId } from '../../common/ids.ts';
import type { ResourceQuantities } from '../../common/resource-quantities.ts';
import type { FrameworkInfoCapabilityType } from '../../proto/index.ts';
import type { AllocatorFramework } from './allocator.ts';
import { OfferFilters } from './offer-filters.ts';

/** What the allocator keeps of one framework, apart from what it holds: that stands with the agents. */
export class FrameworkState {
  readonly id: FrameworkId;
  roles: ReadonlySet<string>;
  readonly suppressed: Set<string>;
  capabilities: ReadonlySet<FrameworkInfoCapabilityType>;
  minAllocatable: ReadonlyMap<string, readonly ResourceQuantities[]>;
  active: boolean;
  readonly #filters = new Map<string, OfferFilters>();

  constructor(framework: AllocatorFramework) {
    this.id = framework.id;
    this.roles = new Set(framework.roles);
    this.suppressed = new Set(framework.suppressedRoles);
    this.capabilities = new Set(framework.capabilities);
    this.minAllocatable = framework.minAllocatable ?? new Map();
    this.active = framework.active ?? true;
  }

  update(framework: AllocatorFramework): void {
    this.roles = new Set(framework.roles);
    this.suppressed.clear();
    for (const role of framework.suppressedRoles ?? []) this.suppressed.add(role);
    this.capabilities = new Set(framework.capabilities);
    this.minAllocatable = framework.minAllocatable ?? new Map();
    for (const role of this.#filters.keys()) if (!this.roles.has(role)) this.#filters.delete(role);
  }

  /** Whether it wants offers in that role now. */
  wantsOffers(role: string): boolean {
    return this.active && this.roles.has(role) && !this.suppressed.has(role);
  }

  filters(role: string): OfferFilters | undefined {
    return this.#filters.get(role);
  }

  ensureFilters(role: string): OfferFilters {
    let filters = this.#filters.get(role);
    if (!filters) this.#filters.set(role, (filters = new OfferFilters()));
    return filters;
  }

  dropFilters(role: string): void {
    this.#filters.delete(role);
  }

  dropAllFilters(): void {
    this.#filters.clear();
  }

  dropFiltersOn(agentId: AgentId): void {
    for (const filters of this.#filters.values()) filters.removeAgent(agentId);
  }
}
