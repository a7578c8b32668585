import type { Resource, ResourceReservationInfo } from '../proto/index.ts';
import { coalesce } from './ranges.ts';
import { DEFAULT_ROLE, isDescendant } from './roles.ts';
import { SCALAR_MAX, toMilli } from './scalars.ts';
import { roleProblem } from './validation.ts';

/** Most resources that one agent, task or executor may name. */
export const RESOURCES_MAX = 4_096;

/** Most ranges, or items of a set, of one resource. */
export const PARTS_MAX = 4_096;

/** What is wrong with the resources, the first thing found; undefined if nothing. */
export function resourcesProblem(resources: readonly Resource[]): string | undefined {
  if (resources.length > RESOURCES_MAX) return `More than ${RESOURCES_MAX} resources`;
  const types = new Map<string, string>();
  for (const resource of resources) {
    const problem = resourceProblem(resource);
    if (problem) return `Resource '${resource.name}' is invalid: ${problem}`;
    const type = types.get(resource.name);
    if (type !== undefined && type !== resource.type) {
      return `Resources with the same name ('${resource.name}') but different types are not allowed`;
    }
    types.set(resource.name, resource.type);
  }
  return undefined;
}

export function resourceProblem(resource: Resource): string | undefined {
  if (resource.name === '') return 'Empty resource name';
  return (
    amountProblem(resource) ??
    allocationProblem(resource) ??
    reservationProblem(resource) ??
    diskProblem(resource) ??
    sharingProblem(resource)
  );
}

function amountProblem(resource: Resource): string | undefined {
  const { scalar, ranges, set } = resource;
  switch (resource.type) {
    case 'SCALAR':
      if (!scalar || ranges || set) return 'Invalid scalar resource';
      return scalarProblem(resource.name, scalar.value);
    case 'RANGES':
      return !ranges || scalar || set ? 'Invalid ranges resource' : rangesProblem(resource);
    case 'SET':
      if (!set || scalar || ranges) return 'Invalid set resource';
      if ((set.item?.length ?? 0) > PARTS_MAX) {
        return `Invalid set resource: more than ${PARTS_MAX} elements`;
      }
      return hasDuplicates(set.item ?? [])
        ? 'Invalid set resource: duplicated elements'
        : undefined;
    case 'TEXT':
      return 'Unsupported resource type';
  }
}

function scalarProblem(name: string, value: number): string | undefined {
  if (!Number.isFinite(value) || Math.abs(value) > SCALAR_MAX) {
    return 'Invalid scalar resource: value is not finite or out of range';
  }
  if (value < 0) return 'Invalid scalar resource: value < 0';
  if (name === 'gpus' && toMilli(value) % 1_000 !== 0) {
    return "The 'gpus' resource must be a whole number";
  }
  return undefined;
}

function rangesProblem({ ranges }: Resource): string | undefined {
  const all = ranges?.range ?? [];
  if (all.length > PARTS_MAX) return `Invalid ranges resource: more than ${PARTS_MAX} ranges`;
  if (all.some(({ begin, end }) => begin > end)) return 'Invalid ranges resource: begin > end';
  const points = all.reduce((sum, { begin, end }) => sum + end - begin + 1, 0);
  const distinct = coalesce(all).reduce((sum, { begin, end }) => sum + end - begin + 1, 0);
  return points === distinct ? undefined : 'Invalid ranges resource: overlapping ranges';
}

const hasDuplicates = (items: readonly string[]): boolean => new Set(items).size !== items.length;

/** Shares are counted by this role, too. */
const allocationProblem = ({ allocation_info }: Resource): string | undefined =>
  allocation_info?.role === undefined ? undefined : roleProblem(allocation_info.role);

/** Either the format before refinement (`role`, `reservation`) or the one since (`reservations`). */
function reservationProblem(resource: Resource): string | undefined {
  const { reservations = [], reservation, role = DEFAULT_ROLE } = resource;
  if (reservations.length > 0) {
    if (resource.role !== undefined) return "'role' and 'reservations' are both set";
    if (reservation) return "'reservation' and 'reservations' are both set";
    return stackProblem(reservations);
  }
  const problem = roleProblem(role);
  if (problem) return problem;
  if (reservation && role === DEFAULT_ROLE) return `Role '${DEFAULT_ROLE}' cannot be reserved`;
  return undefined;
}

function stackProblem(stack: readonly ResourceReservationInfo[]): string | undefined {
  for (const [depth, { type = 'UNKNOWN', role }] of stack.entries()) {
    if (type === 'UNKNOWN') return 'A reservation has no type';
    if (role === undefined) return 'A reservation has no role';
    if (role === DEFAULT_ROLE) return `Role '${DEFAULT_ROLE}' cannot be reserved`;
    const problem = roleProblem(role);
    if (problem) return problem;
    if (depth === 0) continue;
    if (type === 'STATIC') return 'A refined reservation cannot be STATIC';
    const refined = stack[depth - 1]?.role ?? DEFAULT_ROLE;
    if (!isDescendant(role, refined)) return `Role '${role}' does not refine '${refined}'`;
  }
  return undefined;
}

function diskProblem({ name, disk }: Resource): string | undefined {
  if (!disk) return undefined;
  if (name !== 'disk') return `DiskInfo should not be set for '${name}'`;
  const { persistence, volume, source } = disk;
  if (persistence && !volume) return 'A persistent volume needs a volume';
  if (volume?.host_path !== undefined && persistence) {
    return "A persistent volume cannot have a 'host_path'";
  }
  if (source?.type === 'UNKNOWN') return 'The disk source has no type';
  if (source?.type === 'PATH' && source.mount) return "'mount' is set on a PATH disk";
  if (source?.type === 'MOUNT' && source.path) return "'path' is set on a MOUNT disk";
  return undefined;
}

function sharingProblem({ shared, disk, revocable, reservation }: Resource): string | undefined {
  if (shared && !disk?.persistence) return 'Only persistent volumes can be shared';
  if (revocable && reservation) return 'Revocable resources cannot be dynamically reserved';
  return undefined;
}
