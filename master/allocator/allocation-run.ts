import { frameworkId, type FrameworkId } from '../../common/ids.ts';
import type { ResourceQuantities } from '../../common/resource-quantities.ts';
import { Resources } from '../../common/resources.ts';
import type { AgentState } from './agent-state.ts';
import { isEligible, usableBy, type EligibilityRules } from './eligibility.ts';
import type { FrameworkState } from './framework-state.ts';
import type { FilterTime } from './offer-filters.ts';
import type { RoleTree } from './role-tree.ts';

/** What a run reads; the books change only through `allocate`. */
export interface RunContext {
  readonly tree: RoleTree;
  readonly frameworks: ReadonlyMap<FrameworkId, FrameworkState>;
  readonly rules: EligibilityRules;
  /** An offer must contain one of these; empty: any offer that is not empty will do. */
  readonly minAllocatable: readonly ResourceQuantities[];
  readonly time: FilterTime;
  /** Changes when an agent that nobody wanted may be wanted now. */
  readonly revision: number;
  /** Enters the offer in the books. `resources` are not marked as allocated yet. */
  readonly allocate: (choice: Choice, resources: Resources) => void;
}

export interface Choice {
  readonly agent: AgentState;
  readonly framework: FrameworkState;
  readonly role: string;
}

/**
 * Offers what an agent has to the frameworks in their order. Coarse-grained: the first that can and
 * will use it gets all that is available to its role; what is left, reserved to other roles or
 * refused, goes on to the next.
 */
export function allocateAgent(agent: AgentState, context: RunContext): void {
  if (agent.available.isEmpty || isUntaken(agent, context)) return;
  const attempt = new AgentAllocation(agent, context);
  attempt.run();
}

function isUntaken({ untaken, available }: AgentState, { revision, time }: RunContext): boolean {
  return (
    untaken?.revision === revision &&
    untaken.available === available &&
    time.nowMs <= untaken.untilMs
  );
}

/** One agent's part in one run. */
class AgentAllocation {
  readonly #agent: AgentState;
  readonly #context: RunContext;
  /** Shared resources are offered once per run. */
  #sharedOffered = Resources.EMPTY;
  /** When the first filter ends that kept an offer from being made. */
  #filteredUntilMs = Infinity;
  #offered = false;

  constructor(agent: AgentState, context: RunContext) {
    this.#agent = agent;
    this.#context = context;
  }

  run(): void {
    const { tree, revision } = this.#context;
    const { available } = this.#agent;
    for (const { client: role } of tree.rolesInOrder()) {
      for (const { client } of tree.frameworksInOrder(role)) {
        this.#consider(role, frameworkId(client));
        if (this.#agent.available.isEmpty) return;
      }
    }
    if (this.#offered) return;
    this.#agent.untaken = { available, revision, untilMs: this.#filteredUntilMs };
  }

  #consider(role: string, id: FrameworkId): void {
    const { frameworks, rules, time, allocate } = this.#context;
    const framework = frameworks.get(id);
    if (!framework || !isEligible(this.#agent, framework, { role, rules })) return;
    const offer = this.#offerFor(framework, role);
    if (offer.isEmpty || !this.#isAllocatable(offer, framework.minAllocatable.get(role))) return;
    const untilMs = framework.filters(role)?.filteredUntilMs(this.#agent.id, offer, time);
    if (untilMs !== undefined) {
      this.#filteredUntilMs = Math.min(this.#filteredUntilMs, untilMs);
      return;
    }
    this.#offered = true;
    this.#sharedOffered = this.#sharedOffered.plus(offer.filter((kind) => kind.shared));
    allocate({ agent: this.#agent, framework, role }, offer);
  }

  #offerFor(framework: FrameworkState, role: string): Resources {
    const { available, isPlain } = this.#agent;
    if (isPlain) return available;
    return usableBy(framework, available.minus(this.#sharedOffered).allocatableTo(role));
  }

  #isAllocatable(offer: Resources, own: readonly ResourceQuantities[] | undefined): boolean {
    const minimums = own ?? this.#context.minAllocatable;
    if (minimums.length === 0) return true;
    const quantities = offer.quantities();
    return minimums.some((minimum) => quantities.contains(minimum));
  }
}
