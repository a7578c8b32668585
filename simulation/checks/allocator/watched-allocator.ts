import type { AgentId, FrameworkId } from '../../../common/ids.ts';
import type { Millis } from '../../../libprocess/clock.ts';
import type {
  AgentChange,
  Allocation,
  Allocator,
  AllocatorAgent,
  AllocatorFramework,
  Recovery,
  Run,
} from '../../../master/allocator/allocator.ts';
import { MASTER_FLAG_DEFAULTS } from '../../../master/flags.ts';
import { equalAttributes } from '../../../common/attributes.ts';
import type { Attribute, WeightInfo } from '../../../proto/index.ts';
import { checkRun, type AllocationRules } from './allocation-checks.ts';
import { AllocatorBooks } from './allocator-books.ts';

export interface AllocatorListener {
  readonly violated: AllocationRules['violated'];
  /** All agents have been looked at. */
  readonly onRun: () => void;
}

/** An allocator that stands before another, keeps books of its own, and judges what that one decides. */
export class WatchedAllocator implements Allocator {
  readonly #allocator: Allocator;
  readonly #rules: AllocationRules;
  readonly #books: AllocatorBooks;
  readonly #attributes = new Map<AgentId, readonly Attribute[]>();
  readonly #onRun: () => void;

  constructor(allocator: Allocator, { violated, onRun }: AllocatorListener) {
    this.#onRun = onRun;
    const { allocationIntervalMs, minAllocatableResources } = MASTER_FLAG_DEFAULTS;
    this.#allocator = allocator;
    this.#rules = { minAllocatable: minAllocatableResources, violated };
    this.#books = new AllocatorBooks(allocationIntervalMs);
  }

  addFramework(framework: AllocatorFramework): void {
    this.#allocator.addFramework(framework);
    this.#books.setFramework(framework);
  }

  removeFramework(id: FrameworkId): void {
    this.#allocator.removeFramework(id);
    this.#books.frameworks.delete(id);
  }

  activateFramework(id: FrameworkId): void {
    this.#allocator.activateFramework(id);
    const framework = this.#books.frameworks.get(id);
    if (framework) framework.active = true;
  }

  deactivateFramework(id: FrameworkId): void {
    this.#allocator.deactivateFramework(id);
    const framework = this.#books.frameworks.get(id);
    if (!framework) return;
    framework.active = false;
    framework.refusals.clear();
  }

  updateFramework(framework: AllocatorFramework): void {
    this.#allocator.updateFramework(framework);
    if (this.#books.frameworks.has(framework.id)) this.#books.setFramework(framework);
  }

  addAgent(agent: AllocatorAgent): void {
    this.#allocator.addAgent(agent);
    this.#books.addAgent(agent);
    this.#attributes.set(agent.id, agent.attributes ?? []);
  }

  removeAgent(id: AgentId): void {
    this.#allocator.removeAgent(id);
    this.#books.removeAgent(id);
    this.#attributes.delete(id);
  }

  updateAgent(id: AgentId, change: AgentChange): boolean {
    const agent = this.#books.agents.get(id);
    if (agent && change.total) {
      agent.total = change.total;
      agent.free = undefined;
    }
    if (agent && change.capabilities) agent.capabilities = new Set(change.capabilities);
    const before = this.#attributes.get(id) ?? [];
    if (agent && change.attributes && !equalAttributes(before, change.attributes)) {
      this.#attributes.set(id, change.attributes);
      this.#books.forgetRefusalsOn(id);
    }
    return this.#allocator.updateAgent(id, change);
  }

  activateAgent(id: AgentId): void {
    this.#allocator.activateAgent(id);
    const agent = this.#books.agents.get(id);
    if (agent) agent.active = true;
  }

  deactivateAgent(id: AgentId): void {
    this.#allocator.deactivateAgent(id);
    const agent = this.#books.agents.get(id);
    if (agent) agent.active = false;
  }

  recoverResources(recovery: Recovery, nowMs: Millis): void {
    this.#allocator.recoverResources(recovery, nowMs);
    const { resources, agentId, frameworkId } = recovery;
    if (this.#books.recover(recovery, nowMs) !== false) return;
    const what = `${resources.toString()} of '${agentId}' is given back by '${frameworkId}'`;
    this.#rules.violated('T8', `${what}, which has not so much`);
  }

  suppressOffers(id: FrameworkId, roles: readonly string[]): void {
    this.#allocator.suppressOffers(id, roles);
    const framework = this.#books.frameworks.get(id);
    for (const role of roles.length > 0 ? roles : (framework?.roles ?? []))
      framework?.suppressed.add(role);
  }

  reviveOffers(id: FrameworkId, roles: readonly string[]): void {
    this.#allocator.reviveOffers(id, roles);
    const framework = this.#books.frameworks.get(id);
    if (!framework) return;
    const revived = new Set(roles.length > 0 ? roles : framework.roles);
    for (const role of revived) framework.suppressed.delete(role);
    this.#books.forgetRefusals(framework, ({ role }) => revived.has(role));
  }

  updateWeights(weights: readonly WeightInfo[]): void {
    this.#allocator.updateWeights(weights);
    for (const { role, weight } of weights) this.#books.weights.set(role ?? '*', weight);
  }

  updateWhitelist(hostnames: ReadonlySet<string> | undefined): void {
    this.#allocator.updateWhitelist(hostnames);
    this.#books.whitelist = hostnames;
  }

  allocate(run: Run): readonly Allocation[] {
    const allocations = this.#allocator.allocate(run);
    checkRun(this.#books, { run, allocations }, this.#rules);
    if (run.candidates) return allocations;
    this.#books.batch += 1;
    this.#onRun();
    return allocations;
  }
}
