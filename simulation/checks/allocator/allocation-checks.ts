import type { AgentId } from '../../../common/ids.ts';
import type { ResourceQuantities } from '../../../common/resource-quantities.ts';
import type { Resources } from '../../../common/resources.ts';
import { isHierarchical, isReservedFor } from '../../../common/roles.ts';
import type { Allocation, Run } from '../../../master/allocator/allocator.ts';
import type { AgentBook, AllocatorBooks, FrameworkBook } from './allocator-books.ts';
import { isBefore, turnsOf, type Turn } from './reference-drf.ts';

export interface AllocationRules {
  readonly minAllocatable: readonly ResourceQuantities[];
  readonly violated: (id: string, what: string) => void;
}

/**
 * A1 to A5, A8 to A11, A13 and A14 for one run: each allocation is of what is free and may be offered, to
 * the one whose turn it is; and where nothing is allocated there is nobody who would take it.
 */
export function checkRun(
  books: AllocatorBooks,
  { run, allocations }: { readonly run: Run; readonly allocations: readonly Allocation[] },
  rules: AllocationRules,
): void {
  const served = new Set<AgentId>();
  for (const allocation of allocations) {
    const check = new AllocationCheck(books, run, rules);
    check.judge(allocation, !served.has(allocation.agentId));
    served.add(allocation.agentId);
    enter(books, allocation);
  }
  for (const agent of books.agents.values()) {
    const looked = run.candidates?.has(agent.id) ?? true;
    if (looked && !served.has(agent.id)) new AllocationCheck(books, run, rules).unserved(agent);
  }
}

function enter(books: AllocatorBooks, { frameworkId, agentId, resources }: Allocation): void {
  const agent = books.agents.get(agentId);
  const held = agent?.held.get(frameworkId);
  if (!agent) return;
  agent.held.set(frameworkId, held?.plus(resources) ?? resources);
  agent.free = undefined;
}

class AllocationCheck {
  readonly #books: AllocatorBooks;
  readonly #run: Run;
  readonly #rules: AllocationRules;

  constructor(books: AllocatorBooks, run: Run, rules: AllocationRules) {
    this.#books = books;
    this.#run = run;
    this.#rules = rules;
  }

  judge({ frameworkId, role, agentId, resources }: Allocation, first: boolean): void {
    const { violated } = this.#rules;
    const agent = this.#books.agents.get(agentId);
    const framework = this.#books.frameworks.get(frameworkId);
    const what = `${resources.toString()} of '${agentId}' for '${frameworkId}' as '${role}'`;
    if (!agent || !this.#isOffered(agent)) {
      violated('A11', `${what}: the agent takes no part`);
      return;
    }
    if (!framework?.active || !framework.roles.has(role)) {
      violated('A11', `${what}: the framework takes no part`);
      return;
    }
    if (framework.suppressed.has(role)) violated('A9', `${what}: it is suppressed`);
    const free = this.#books.available(agent);
    const offer = resources.unallocate();
    if (!free.contains(offer)) violated('A1', `${what}: ${free.toString()} is free`);
    if (resources.allocations().size !== 1) violated('O7', `${what}: for several roles`);
    const reserved = [...offer.reservations().keys()];
    if (reserved.some((owner) => !isReservedFor(owner, role)))
      violated('A5', `${what}: it is reserved to others`);
    if (!canDealWith(framework, agent, role) || !usable(framework, offer).equals(offer))
      violated('A13', `${what}: the framework cannot deal with it`);
    const { nowMs } = this.#run;
    if (this.#books.isRefused(framework, agentId, { role, offer, nowMs }))
      violated('A8', `${what}: it was refused`);
    if (first) this.#checkTurn(what, { role, frameworkId }, agent);
  }

  /** A10: nobody who would take something of the agent has a smaller share. */
  #checkTurn(what: string, served: Pick<Turn, 'role' | 'frameworkId'>, agent: AgentBook): void {
    const turns = turnsOf(this.#books);
    if (turns.some(({ role }) => isHierarchical(role))) return; // Shares of trees are tested apart.
    const own = turns.find(
      ({ role, frameworkId }) => role === served.role && frameworkId === served.frameworkId,
    );
    const earlier = turns.find((turn) => own && isBefore(turn, own) && this.#takes(turn, agent));
    if (earlier) this.#rules.violated('A10', `${what}: it is the turn of '${earlier.frameworkId}'`);
  }

  /** A14: nobody would have taken it. */
  unserved(agent: AgentBook): void {
    if (!this.#isOffered(agent) || this.#books.available(agent).isEmpty) return;
    for (const framework of this.#books.frameworks.values()) {
      for (const role of framework.roles) {
        if (!this.#takes({ role, frameworkId: framework.id }, agent)) continue;
        const free = this.#books.available(agent).toString();
        this.#rules.violated(
          'A14',
          `${free} of '${agent.id}' is kept from '${framework.id}' as '${role}'`,
        );
      }
    }
  }

  #takes({ role, frameworkId }: Pick<Turn, 'role' | 'frameworkId'>, agent: AgentBook): boolean {
    const framework = this.#books.frameworks.get(frameworkId);
    if (!framework?.active || framework.suppressed.has(role)) return false;
    if (!canDealWith(framework, agent, role)) return false;
    const offer = usable(framework, this.#books.available(agent).allocatableTo(role));
    if (offer.isEmpty || !this.#isEnough(offer, framework, role)) return false;
    const { nowMs } = this.#run; // A refusal may end at this very moment.
    const considered = { role, offer, nowMs: nowMs - 1, late: true };
    return !this.#books.isRefused(framework, agent.id, considered);
  }

  #isEnough(offer: Resources, { minAllocatable }: FrameworkBook, role: string): boolean {
    const minimums = minAllocatable?.get(role) ?? this.#rules.minAllocatable;
    if (minimums.length === 0) return true;
    return minimums.some((minimum) => offer.quantities().contains(minimum));
  }

  #isOffered({ active, hostname }: AgentBook): boolean {
    return active && (this.#books.whitelist?.has(hostname) ?? true);
  }
}

function canDealWith({ capabilities }: FrameworkBook, agent: AgentBook, role: string): boolean {
  if (capabilities.has('MULTI_ROLE') && !agent.capabilities.has('MULTI_ROLE')) return false;
  if (isHierarchical(role) && !agent.capabilities.has('HIERARCHICAL_ROLE')) return false;
  return capabilities.has('GPU_RESOURCES') || agent.total.milli('gpus') === 0;
}

function usable({ capabilities }: FrameworkBook, resources: Resources): Resources {
  return resources.filter(
    (kind) =>
      (!kind.shared || capabilities.has('SHARED_RESOURCES')) &&
      (!kind.revocable || capabilities.has('REVOCABLE_RESOURCES')) &&
      (kind.reservations.length < 2 || capabilities.has('RESERVATION_REFINEMENT')),
  );
}
