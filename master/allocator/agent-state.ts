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
  /** Without allocation: the sum of what frameworks hold. */
  #allocated = Resources.EMPTY;
  readonly #held = new Map<FrameworkId, Resources>();
  #available: Resources | undefined;
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

  get allocated(): Resources {
    return this.#allocated;
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
    if (!this.#available) {
      this.#available = inOfferOrder(this.#free());
      this.#isPlain = this.#available.entries.every(
        ({ kind }) => !kind.isReserved && !kind.shared && !kind.revocable,
      );
    }
    return this.#available;
  }

  /** Whether nothing that is available is for some roles or some frameworks only. */
  get isPlain(): boolean {
    return this.available.isEmpty || this.#isPlain;
  }

  #free(): Resources {
    const shared = this.#total.filter((kind) => kind.shared);
    if (shared.isEmpty) return this.#total.minus(this.#allocated);
    const exclusive = (resources: Resources): Resources => resources.filter((kind) => !kind.shared);
    return exclusive(this.#total).minus(exclusive(this.#allocated)).plus(shared);
  }

  /** `resources` are allocated to roles. */
  allocate(frameworkId: FrameworkId, resources: Resources): void {
    const held = this.#held.get(frameworkId) ?? Resources.EMPTY;
    this.#held.set(frameworkId, held.plus(resources));
    this.#allocated = this.#allocated.plus(resources.unallocate());
    this.#available = undefined;
  }

  /** Gives back what is held of `resources`, and says how much that was. */
  recover(frameworkId: FrameworkId, resources: Resources): Resources {
    const held = this.#held.get(frameworkId) ?? Resources.EMPTY;
    const rest = held.minus(resources);
    const freed = held.contains(resources) ? resources : held.minus(rest);
    if (rest.isEmpty) this.#held.delete(frameworkId);
    else this.#held.set(frameworkId, rest);
    this.#allocated = this.#allocated.minus(freed.unallocate());
    this.#available = undefined;
    return freed;
  }
}

function inOfferOrder(resources: Resources): Resources {
  const rank = ({ kind }: Resources['entries'][number]): number => {
    if (kind.isReserved) return 0;
    if (kind.type !== 'SCALAR') return 1;
    return kind.revocable ? 2 : 3;
  };
  return Resources.of([...resources.entries].sort((a, b) => rank(a) - rank(b)));
}
