import { Process } from '../../libprocess/process.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type { AgentId, FrameworkId } from '../../common/ids.ts';
import type { WeightInfo } from '../../proto/index.ts';
import type {
  AgentChange,
  Allocation,
  Allocator,
  AllocatorAgent,
  AllocatorFramework,
  Recovery,
} from './allocator.ts';

export interface AllocatorProcessOptions {
  readonly allocator: Allocator;
  /** From the end of one batch to the next (`--allocation_interval`). */
  readonly allocationIntervalMs: Millis;
  /**
   * Called once for each framework that a run allocated something to, with all of it. The master
   * passes a `defer`, to act in its own turn; what it cannot offer any more it recovers.
   */
  readonly onOffers: (frameworkId: FrameworkId, allocations: readonly Allocation[]) => void;
}

/**
 * Owns the allocator's books and decides when it runs. A batch over all agents comes every interval.
 * In between, a run is queued when there may be a taker at once: a framework was added, activated or
 * revived (all agents), an agent was added or has changed (that agent). Triggers that come before
 * the queued run has started join it. What was recovered or declined waits for the batch, and so do
 * weights and expired filters: otherwise one framework's refusals would keep the allocator busy.
 *
 * Every method is for dispatching; see `Allocator` for what each does.
 */
export class AllocatorProcess extends Process {
  readonly #options: AllocatorProcessOptions;
  readonly #allocator: Allocator;
  /** Who waits for the queued run; `all` says that everybody does. */
  readonly #candidates = new Set<AgentId>();
  #all = false;
  #queued = false;
  #runs = 0;

  constructor(options: AllocatorProcessOptions) {
    super('hierarchical-allocator(1)');
    this.#options = options;
    this.#allocator = options.allocator;
  }

  protected override initialize(): void {
    this.#awaitBatch();
  }

  #awaitBatch(): void {
    this.delay(this.#options.allocationIntervalMs, () => {
      this.#triggerAll();
      // Behind the run just queued: the interval counts from its end.
      this.defer(() => this.#awaitBatch())();
    });
  }

  addFramework(framework: AllocatorFramework): void {
    this.#allocator.addFramework(framework);
    this.#triggerAll();
  }

  removeFramework(id: FrameworkId): void {
    this.#allocator.removeFramework(id);
  }

  activateFramework(id: FrameworkId): void {
    this.#allocator.activateFramework(id);
    this.#triggerAll();
  }

  deactivateFramework(id: FrameworkId): void {
    this.#allocator.deactivateFramework(id);
  }

  updateFramework(framework: AllocatorFramework): void {
    this.#allocator.updateFramework(framework);
  }

  addAgent(agent: AllocatorAgent): void {
    this.#allocator.addAgent(agent);
    this.#trigger(agent.id);
  }

  removeAgent(id: AgentId): void {
    this.#allocator.removeAgent(id);
    this.#candidates.delete(id);
  }

  updateAgent(id: AgentId, change: AgentChange): void {
    if (this.#allocator.updateAgent(id, change)) this.#trigger(id);
  }

  activateAgent(id: AgentId): void {
    this.#allocator.activateAgent(id);
  }

  deactivateAgent(id: AgentId): void {
    this.#allocator.deactivateAgent(id);
  }

  recoverResources(recovery: Recovery): void {
    this.#allocator.recoverResources(recovery, this.runtime.clock.monotonic());
  }

  suppressOffers(id: FrameworkId, roles: readonly string[]): void {
    this.#allocator.suppressOffers(id, roles);
  }

  reviveOffers(id: FrameworkId, roles: readonly string[]): void {
    this.#allocator.reviveOffers(id, roles);
    this.#triggerAll();
  }

  updateWeights(weights: readonly WeightInfo[]): void {
    this.#allocator.updateWeights(weights);
  }

  updateWhitelist(hostnames: ReadonlySet<string> | undefined): void {
    this.#allocator.updateWhitelist(hostnames);
  }

  /** How many runs there have been (`allocator/mesos/allocation_runs`). */
  runs(): number {
    return this.#runs;
  }

  #triggerAll(): void {
    this.#all = true;
    this.#queue();
  }

  #trigger(id: AgentId): void {
    this.#candidates.add(id);
    this.#queue();
  }

  #queue(): void {
    if (this.#queued) return;
    this.#queued = true;
    this.defer(() => this.#run())();
  }

  #run(): void {
    const candidates = this.#all ? undefined : new Set(this.#candidates);
    this.#queued = false;
    this.#all = false;
    this.#candidates.clear();
    this.#runs += 1;
    const { clock, random } = this.runtime;
    const nowMs = clock.monotonic();
    const run = candidates ? { nowMs, random, candidates } : { nowMs, random };
    for (const [id, allocations] of byFramework(this.#allocator.allocate(run))) {
      this.#options.onOffers(id, allocations);
    }
  }
}

function byFramework(
  allocations: readonly Allocation[],
): ReadonlyMap<FrameworkId, readonly Allocation[]> {
  const groups = new Map<FrameworkId, Allocation[]>();
  for (const allocation of allocations) {
    const group = groups.get(allocation.frameworkId);
    if (group) group.push(allocation);
    else groups.set(allocation.frameworkId, [allocation]);
  }
  return groups;
}
