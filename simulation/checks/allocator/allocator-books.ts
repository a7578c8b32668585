import type { AgentId, FrameworkId } from '../../../common/ids.ts';
import { Resources } from '../../../common/resources.ts';
import type { Millis } from '../../../libprocess/clock.ts';
import type {
  AllocatorAgent,
  AllocatorFramework,
  Recovery,
} from '../../../master/allocator/allocator.ts';

const REFUSE_SECONDS_DEFAULT = 5;
const REFUSE_SECONDS_MAX = 365 * 24 * 3_600;

export interface AgentBook {
  readonly id: AgentId;
  readonly hostname: string;
  readonly region: string | undefined;
  total: Resources;
  capabilities: ReadonlySet<string>;
  active: boolean;
  readonly held: Map<FrameworkId, Resources>;
  /** What nobody holds, if it has been summed up since the last change. */
  free: Resources | undefined;
}

interface Refusal {
  readonly role: string;
  readonly refused: Resources;
  readonly untilMs: Millis;
  /** Runs over all agents before it: it may go on for the next, however late that is. */
  readonly batch: number;
}

export interface FrameworkBook {
  readonly id: FrameworkId;
  roles: ReadonlySet<string>;
  capabilities: ReadonlySet<string>;
  minAllocatable: AllocatorFramework['minAllocatable'];
  active: boolean;
  readonly suppressed: Set<string>;
  readonly refusals: Map<AgentId, Refusal[]>;
}

interface Considered {
  readonly role: string;
  readonly offer: Resources;
  readonly nowMs: Millis;
  readonly late?: boolean;
}

/**
 * What an allocator has been told, kept as simply as can be: sums are made when they are asked for. It
 * is the measure for the one that keeps them.
 */
export class AllocatorBooks {
  readonly agents = new Map<AgentId, AgentBook>();
  readonly frameworks = new Map<FrameworkId, FrameworkBook>();
  readonly weights = new Map<string, number>();
  whitelist: ReadonlySet<string> | undefined;
  /** Runs over all agents so far. */
  batch = 0;
  readonly #intervalMs: Millis;

  constructor(intervalMs: Millis) {
    this.#intervalMs = intervalMs;
  }

  setFramework(framework: AllocatorFramework): void {
    const known = this.frameworks.get(framework.id);
    const book: FrameworkBook = {
      id: framework.id,
      roles: new Set(framework.roles),
      capabilities: new Set(framework.capabilities),
      minAllocatable: framework.minAllocatable,
      active: known?.active ?? framework.active ?? true,
      suppressed: new Set(framework.suppressedRoles),
      refusals: known?.refusals ?? new Map<AgentId, Refusal[]>(),
    };
    this.frameworks.set(framework.id, book);
    this.forgetRefusals(book, ({ role }) => !book.roles.has(role));
  }

  forgetRefusals({ refusals }: FrameworkBook, of: (refusal: Refusal) => boolean): void {
    for (const [agentId, list] of refusals)
      refusals.set(
        agentId,
        list.filter((each) => !of(each)),
      );
  }

  addAgent(agent: AllocatorAgent): void {
    this.removeAgent(agent.id);
    this.agents.set(agent.id, {
      id: agent.id,
      hostname: agent.hostname,
      region: agent.region,
      total: agent.total,
      capabilities: new Set(agent.capabilities),
      active: true,
      held: new Map(agent.used),
      free: undefined,
    });
  }

  removeAgent(id: AgentId): void {
    this.agents.delete(id);
    this.forgetRefusalsOn(id);
  }

  forgetRefusalsOn(id: AgentId): void {
    for (const { refusals } of this.frameworks.values()) refusals.delete(id);
  }

  /** Undefined if the agent is not known; else whether as much was held. */
  recover(recovery: Recovery, nowMs: Millis): boolean | undefined {
    const { frameworkId, agentId, resources } = recovery;
    const agent = this.agents.get(agentId);
    if (!agent) return undefined;
    const held = agent.held.get(frameworkId) ?? Resources.EMPTY;
    agent.held.set(frameworkId, held.minus(resources));
    agent.free = undefined;
    this.#refuse(recovery, nowMs);
    return held.contains(resources);
  }

  #refuse({ frameworkId, agentId, resources, filters }: Recovery, nowMs: Millis): void {
    const framework = this.frameworks.get(frameworkId);
    if (!framework?.active || !filters || filters.refuse_seconds === 0) return;
    const { refuse_seconds: asked = REFUSE_SECONDS_DEFAULT } = filters;
    const seconds = asked > 0 ? Math.min(asked, REFUSE_SECONDS_MAX) : REFUSE_SECONDS_DEFAULT;
    const untilMs = nowMs + Math.max(seconds * 1_000, this.#intervalMs);
    const live = (framework.refusals.get(agentId) ?? []).filter(
      ({ untilMs: until, batch }) => until > nowMs || batch === this.batch,
    );
    for (const [role, part] of resources.allocations()) {
      if (framework.roles.has(role))
        live.push({ role, refused: part.unallocate(), untilMs, batch: this.batch });
    }
    framework.refusals.set(agentId, live);
  }

  /** Whether the framework has refused all of `offer`, and still does; with `late`, or may do so. */
  isRefused(
    { refusals }: FrameworkBook,
    agentId: AgentId,
    { role, offer, nowMs, late = false }: Considered,
  ): boolean {
    return (refusals.get(agentId) ?? []).some(
      (refusal) =>
        refusal.role === role &&
        (refusal.untilMs > nowMs || (late && refusal.batch === this.batch)) &&
        refusal.refused.contains(offer),
    );
  }

  /** What nobody holds; shared resources always. */
  available(agent: AgentBook): Resources {
    return (agent.free ??= freeOf(agent));
  }
}

function freeOf({ total, held }: AgentBook): Resources {
  let free = total.filter((kind) => !kind.shared);
  for (const resources of held.values())
    free = free.minus(resources.unallocate().filter((kind) => !kind.shared));
  return free.plus(total.filter((kind) => kind.shared));
}
