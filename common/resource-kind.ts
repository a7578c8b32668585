import type { Resource, ResourceDiskInfo, ResourceReservationInfo } from '../proto/index.ts';

export type ResourceType = 'SCALAR' | 'RANGES' | 'SET';

/** All of a `Resource` but its amount, reservations in the form of today (`reservations`). */
export interface ResourceTraits {
  readonly name: string;
  readonly type: ResourceType;
  readonly providerId?: string | undefined;
  readonly allocationRole?: string | undefined;
  /** Outermost first: each later one refines the one before, for a descendant of its role. */
  readonly reservations?: readonly ResourceReservationInfo[] | undefined;
  readonly disk?: ResourceDiskInfo | undefined;
  readonly revocable?: boolean | undefined;
  readonly shared?: boolean | undefined;
}

/** Bounds the memo below; a cluster has fewer roles than this in use on one kind of resource. */
const ALLOCATED_KINDS_MAX = 1_024;

/**
 * What a resource is, apart from how much: two amounts belong together exactly when the `key` of
 * their kinds is the same (`addable` of resources.cpp). Immutable and shared between collections,
 * so that arithmetic compares kinds mostly by identity.
 */
export class ResourceKind {
  readonly name: string;
  readonly type: ResourceType;
  readonly traits: ResourceTraits;
  readonly key: string;
  readonly allocationRole: string | undefined;
  readonly reservations: readonly ResourceReservationInfo[];
  readonly revocable: boolean;
  readonly shared: boolean;
  /** A volume or a device: never merged with its like and never cut. */
  readonly indivisible: boolean;
  /** The same kind without allocation; itself if it has none. */
  readonly #unallocated: ResourceKind;
  #allocated: Map<string, ResourceKind> | undefined;

  constructor(traits: ResourceTraits, unallocated?: ResourceKind) {
    this.traits = traits;
    this.name = traits.name;
    this.type = traits.type;
    this.allocationRole = traits.allocationRole;
    this.reservations = traits.reservations ?? [];
    this.revocable = traits.revocable ?? false;
    this.shared = traits.shared ?? false;
    this.indivisible = isIndivisible(traits.disk);
    this.#unallocated = unallocated ?? this;
    this.key = unallocated ? keyOfAllocated(unallocated, traits) : keyOf(traits);
  }

  static of(traits: ResourceTraits): ResourceKind {
    const plain = PLAIN.get(traits.name);
    const base = plain && isPlain(plain, traits) ? plain : ResourceKind.#unallocatedOf(traits);
    const { allocationRole } = traits;
    return allocationRole === undefined ? base : base.allocatedTo(allocationRole);
  }

  static #unallocatedOf({ allocationRole: _, ...rest }: ResourceTraits): ResourceKind {
    return new ResourceKind(rest);
  }

  get disk(): ResourceDiskInfo | undefined {
    return this.traits.disk;
  }

  get isReserved(): boolean {
    return this.reservations.length > 0;
  }

  /** The role it is reserved to: that of the innermost reservation; `*` if none. */
  get reservationRole(): string {
    return this.reservations.at(-1)?.role ?? '*';
  }

  allocatedTo(role: string): ResourceKind {
    const base = this.#unallocated;
    const memo = (base.#allocated ??= new Map<string, ResourceKind>());
    let kind = memo.get(role);
    if (!kind) {
      kind = new ResourceKind({ ...base.traits, allocationRole: role }, base);
      if (memo.size >= ALLOCATED_KINDS_MAX) memo.clear();
      memo.set(role, kind);
    }
    return kind;
  }

  get unallocated(): ResourceKind {
    return this.#unallocated;
  }

  unreserved(): ResourceKind {
    return this.isReserved ? ResourceKind.of({ ...this.traits, reservations: undefined }) : this;
  }

  sameAs(other: ResourceKind): boolean {
    return this === other || this.key === other.key;
  }
}

function keyOf(traits: ResourceTraits): string {
  const { name, type, providerId, reservations = [], disk, revocable, shared } = traits;
  const plain = `${type} ${name}`;
  if (!providerId && !disk && !revocable && !shared && reservations.length === 0) return plain;
  return `${plain} ${canonicalJson({
    providerId,
    disk: disk && diskIdentity(disk),
    revocable: revocable ?? false,
    shared: shared ?? false,
    reservations: reservations.map((one) => ({ ...one, type: one.type ?? 'UNKNOWN' })),
  })}`;
}

const keyOfAllocated = (unallocated: ResourceKind, { allocationRole }: ResourceTraits): string =>
  `${unallocated.key} @${allocationRole ?? ''}`;

/** The principal who made a volume is a note on it, not part of what it is. */
const diskIdentity = ({ source, persistence, volume }: ResourceDiskInfo): unknown => ({
  source,
  persistence: persistence?.id,
  volume,
});

function isIndivisible(disk: ResourceDiskInfo | undefined): boolean {
  if (!disk) return false;
  if (disk.persistence) return true;
  const { source } = disk;
  return (
    source?.type === 'MOUNT' ||
    source?.type === 'BLOCK' ||
    (source?.type === 'RAW' && source.id !== undefined)
  );
}

/** JSON with the keys of objects sorted: equal values give equal texts. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

const PLAIN: ReadonlyMap<string, ResourceKind> = new Map(
  (
    [
      ['cpus', 'SCALAR'],
      ['gpus', 'SCALAR'],
      ['mem', 'SCALAR'],
      ['disk', 'SCALAR'],
      ['ports', 'RANGES'],
    ] as const
  ).map(([name, type]) => [name, new ResourceKind({ name, type })]),
);

function isPlain(plain: ResourceKind, traits: ResourceTraits): boolean {
  const { type, providerId, reservations, disk, revocable, shared } = traits;
  return (
    type === plain.type &&
    !providerId &&
    !disk &&
    !revocable &&
    !shared &&
    (reservations?.length ?? 0) === 0
  );
}

/** The kind of a resource of the wire, whichever of the two reservation formats it is in. */
export function kindOf(resource: Resource): ResourceKind {
  return ResourceKind.of({
    name: resource.name,
    type: resource.type === 'RANGES' || resource.type === 'SET' ? resource.type : 'SCALAR',
    providerId: resource.provider_id?.value,
    allocationRole: resource.allocation_info?.role,
    reservations: reservationsOf(resource),
    disk: resource.disk,
    revocable: resource.revocable !== undefined,
    shared: resource.shared !== undefined,
  });
}

function reservationsOf(resource: Resource): readonly ResourceReservationInfo[] {
  if (resource.reservations && resource.reservations.length > 0) return resource.reservations;
  const { role = '*', reservation } = resource;
  if (role === '*') return [];
  if (!reservation) return [{ type: 'STATIC', role }];
  return [{ ...reservation, type: 'DYNAMIC', role }];
}
