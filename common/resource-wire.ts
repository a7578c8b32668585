import type { Resource } from '../proto/index.ts';
import type { Entry } from './resource-entry.ts';
import { DEFAULT_ROLE } from './roles.ts';
import { fromMilli } from './scalars.ts';

/** The messages that say `entry`, one for each copy of a shared resource. */
export function toWire(entry: Entry): readonly Resource[] {
  const message = { ...amountOf(entry), ...traitsOf(entry) };
  return entry.copies === 1 ? [message] : Array.from({ length: entry.copies }, () => message);
}

function amountOf(entry: Entry): Resource {
  const { name, type } = entry.kind;
  switch (type) {
    case 'SCALAR':
      return { name, type, scalar: { value: fromMilli(entry.milli) } };
    case 'RANGES':
      return { name, type, ranges: { range: entry.ranges } };
    case 'SET':
      return { name, type, set: { item: entry.items } };
  }
}

function traitsOf({ kind }: Entry): Partial<Resource> {
  return {
    ...(kind.traits.providerId !== undefined && { provider_id: { value: kind.traits.providerId } }),
    ...(kind.allocationRole !== undefined && { allocation_info: { role: kind.allocationRole } }),
    ...(kind.isReserved && { reservations: kind.reservations }),
    ...(kind.disk && { disk: kind.disk }),
    ...(kind.revocable && { revocable: {} }),
    ...(kind.shared && { shared: {} }),
  };
}

/** A message of `toWire`, with at most one reservation, in the format before refinement. */
export function toPreRefinement(resource: Resource): Resource {
  // Without a reservation, as most are, nothing is left out: that is much cheaper.
  if (resource.reservations === undefined) return { ...resource, role: DEFAULT_ROLE };
  const { reservations, ...rest } = resource;
  const [reservation] = reservations;
  if (!reservation) return { ...rest, role: DEFAULT_ROLE };
  const { type, role = DEFAULT_ROLE, ...noted } = reservation;
  return type === 'DYNAMIC' ? { ...rest, role, reservation: noted } : { ...rest, role };
}
