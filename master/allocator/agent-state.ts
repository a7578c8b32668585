import type { AgentId, FrameworkId } from '../../common/ids.ts';
import { Resources } from '../../common/resources.ts';
import type { Attribute, SlaveInfoCapabilityType } from '../../proto/index.ts';
import type { AllocatorAgent } from './allocator.ts';

/** A run that found no taker for what an agent has: until something changes, neither will the next. */
interface Untaken {
  readonly available: Resources;
  readonly revision: number;
  readonly untilMs: number;
}

/** The books of one agent: what there is, who holds what of it, and so what can be offered. */
export class AgentState {
  readonly id: AgentId;
  readonly hostname: string;
  readonly region: string | undefined;
  capabilities: ReadonlySet<SlaveInfoCapabilityType>;
  attributes: readonly Attribute[];
  active = true;
  /** Set by runs; see `Untaken`. */
  untaken: Untaken | undefined;

  #total: Resources;
  readonly #held = new Map<FrameworkId, Resources>();
  /** Undefined: to be summed up anew. */
  #available: Resources | undefined;
  /** Nothing shared or over-allocated: what is held and what is available make the total. */
  #exact = false;
  #isPlain = true;

  constructor(agent: AllocatorAgent) {
    this.id = agent.id;
    this.hostname = agent.hostname;
    this.region = agent.region;
    this.capabilities = new Set(agent.capabilities);
    this.attributes = agent.attributes ?? [];
    this.#total = agent.total;
  }

  get total(): Resources {
    return this.#total;
  }

  set total(total: Resources) {
    this.#total = total;
    this.#available = undefined;
  }

  /** What each framework holds, offers included, allocated to their roles. */
  get held(): ReadonlyMap<FrameworkId, Resources> {
    return this.#held;
  }

  /**
   * What is not held, in the order in which Mesos offers it: reservations, ranges and sets,
   * revocable, the rest. Shared resources are available however often they are held.
   */
  get available(): Resources {
    return this.#available ?? this.#sumUp();
  }

  /** Whether nothing that is available is for some roles or some frameworks only. */
  get isPlain(): boolean {
    return this.available.isEmpty || this.#isPlain;
  }

  #sumUp(): Resources {
    let held = Resources.EMPTY;
    for (const resources of this.#held.values()) held = held.plus(resources.unallocate());
    const exclusive = this.#total.filter((kind) => !kind.shared);
    const heldExclusive = held.filter((kind) => !kind.shared);
    const shared = this.#total.filter((kind) => kind.shared);
    this.#exact = shared.isEmpty && exclusive.contains(heldExclusive);
    return this.#setAvailable(exclusive.minus(heldExclusive).plus(shared));
  }

  #setAvailable(available: Resources): Resources {
    const ordered = inOfferOrder(available);
    this.#available = ordered;
    this.#isPlain = ordered.entries.every(
      ({ kind }) => !kind.isReserved && !kind.shared && !kind.revocable,
    );
    return ordered;
  }

  /** `resources` are allocated to roles, and part of what is available. */
  allocate(frameworkId: FrameworkId, resources: Resources): void {
    const available = this.#exact ? this.#available : undefined;
    this.report(frameworkId, resources);
    if (available) this.#setAvailable(available.minus(resources.unallocate()));
  }

  /** The same for what is held already, whether there is so much or not. */
  report(frameworkId: FrameworkId, resources: Resources): void {
    const held = this.#held.get(frameworkId) ?? Resources.EMPTY;
    this.#held.set(frameworkId, held.plus(resources));
    this.#available = undefined;
  }

  /** Gives back what is held of `resources`, and says how much that was. */
  recover(frameworkId: FrameworkId, resources: Resources): Resources {
    const held = this.#held.get(frameworkId) ?? Resources.EMPTY;
    const rest = held.minus(resources);
    const freed = held.contains(resources) ? resources : held.minus(rest);
    if (rest.isEmpty) this.#held.delete(frameworkId);
    else this.#held.set(frameworkId, rest);
    // With nothing else free, what comes back is what is available; else the order needs the sum.
    const only = this.#exact && this.#available?.isEmpty === true;
    this.#available = undefined;
    if (only) this.#setAvailable(freed.unallocate());
    return freed;
  }
}

const rank = ({ kind }: Resources['entries'][number]): number => {
  if (kind.isReserved) return 0;
  if (kind.type !== 'SCALAR') return 1;
  return kind.revocable ? 2 : 3;
};

function inOfferOrder(resources: Resources): Resources {
  let last = 0;
  for (const entry of resources.entries) {
    const next = rank(entry);
    if (next < last) return Resources.of(resources.entries.toSorted((a, b) => rank(a) - rank(b)));
    last = next;
  }
  return resources;
}
