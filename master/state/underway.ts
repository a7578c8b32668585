import type { UPID } from '../../libprocess/upid.ts';
import type { UUID } from '../../proto/index.ts';

/** What tells one run of an agent from the next: each draws a resource version of its own. */
interface OfRun {
  readonly resource_version_uuid?: UUID;
}

/** A message, and who sent it. */
export interface Arrival<M> {
  readonly from: UPID;
  readonly message: M;
}

/**
 * Agents whose registration is being written to the registry. They repeat it meanwhile, which changes
 * nothing. But an agent may also have ended and started anew: its answer would then go to a run that
 * we do not know, at the same address, so what that run said is kept until it can be heard.
 */
export class Underway<K, M extends OfRun> {
  readonly #arrivals = new Map<K, { readonly first: Arrival<M>; later: Arrival<M> | undefined }>();

  begin(key: K, first: Arrival<M>): void {
    this.#arrivals.set(key, { first, later: undefined });
  }

  has(key: K): boolean {
    return this.#arrivals.has(key);
  }

  get size(): number {
    return this.#arrivals.size;
  }

  /** Another message while one is under way. */
  note(key: K, arrival: Arrival<M>): void {
    const entry = this.#arrivals.get(key);
    if (entry) entry.later = sameRun(entry.first, arrival) ? undefined : arrival;
  }

  /** The operation is over; what another run has said meanwhile, if one has. */
  end(key: K): Arrival<M> | undefined {
    const later = this.#arrivals.get(key)?.later;
    this.#arrivals.delete(key);
    return later;
  }
}

function sameRun(one: Arrival<OfRun>, other: Arrival<OfRun>): boolean {
  const [mine, theirs] = [one.message.resource_version_uuid, other.message.resource_version_uuid];
  return one.from.equals(other.from) && isSameVersion(mine, theirs);
}

/** Whether two resource versions are of one run; those that tell none are taken to be. */
export function isSameVersion(one: UUID | undefined, other: UUID | undefined): boolean {
  if (!one || !other) return true;
  return Buffer.from(one.value).equals(other.value);
}
