import { ResourceQuantities } from '../../common/resource-quantities.ts';
import { toMilli } from '../../common/scalars.ts';
import type { OfferFilters, OfferFiltersResourceQuantities } from '../../proto/index.ts';
import type { AllocatorFramework } from '../allocator/allocator.ts';
import type { Framework } from '../state/framework.ts';

/** A framework as the allocator sees it. */
export function allocatorFramework(framework: Framework): AllocatorFramework {
  return {
    id: framework.id,
    roles: framework.roles,
    suppressedRoles: [...framework.suppressedRoles],
    capabilities: [...framework.capabilities],
    minAllocatable: minAllocatable(framework.info.offer_filters ?? {}),
    active: framework.active,
  };
}

function minAllocatable(
  filters: Readonly<Record<string, OfferFilters>>,
): ReadonlyMap<string, readonly ResourceQuantities[]> {
  const byRole = new Map<string, readonly ResourceQuantities[]>();
  for (const [role, { min_allocatable_resources }] of Object.entries(filters)) {
    if (!min_allocatable_resources) continue;
    byRole.set(role, (min_allocatable_resources.quantities ?? []).map(quantitiesOf));
  }
  return byRole;
}

const quantitiesOf = ({ quantities = {} }: OfferFiltersResourceQuantities): ResourceQuantities =>
  ResourceQuantities.of(
    Object.entries(quantities).map(([name, { value }]) => ({ name, milli: toMilli(value) })),
  );
