import { equalAttributes } from '../../common/attributes.ts';
import type { AgentId, FrameworkId } from '../../common/ids.ts';
import { ResourceQuantities } from '../../common/resource-quantities.ts';
import type { Resources } from '../../common/resources.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type { Random } from '../../libprocess/random.ts';
import type { WeightInfo } from '../../proto/index.ts';
import { AgentState } from './agent-state.ts';
import { allocateAgent, type Choice, type RunContext } from './allocation-run.ts';
import type {
  AgentChange,
  Allocation,
  Allocator,
  AllocatorAgent,
  AllocatorFramework,
  Recovery,
  Run,
} from './allocator.ts';
import type { EligibilityRules } from './eligibility.ts';
import { FrameworkState } from './framework-state.ts';
import { refusalMs } from './offer-filters.ts';
import { RoleTree } from './role-tree.ts';

export const ALLOCATION_INTERVAL_MS_DEFAULT = 1_000;

/** `cpus:0.01|mem:32`: an executor at least could run on either. */
export const MIN_ALLOCATABLE_DEFAULT: readonly ResourceQuantities[] = [
  ResourceQuantities.of([{ name: 'cpus', milli: 10 }]),
  ResourceQuantities.of([{ name: 'mem', milli: 32_000 }]),
];

export interface HierarchicalAllocatorOptions {
  /** A filter lives at least this long. */
  readonly allocationIntervalMs?: Millis;
  readonly minAllocatable?: readonly ResourceQuantities[];
  /** Names that do not count in shares. */
  readonly fairSharingExcluded?: readonly string[];
  readonly filterGpuResources?: boolean;
  /** The master's region, if it has one. */
  readonly region?: string;
}

/**
 * Mesos's allocator: DRF among roles, then among the frameworks of a role, agent by agent in random
 * order. Each agent's books say what every framework holds; the sorters hold the sums that shares
 * are made of.
 */
export class HierarchicalAllocator implements Allocator {
  readonly #intervalMs: Millis;
  readonly #minAllocatable: readonly ResourceQuantities[];
  readonly #rules: EligibilityRules;
  readonly #tree: RoleTree;
  readonly #agents = new Map<AgentId, AgentState>();
  readonly #frameworks = new Map<FrameworkId, FrameworkState>();
  /** Frameworks that hold something and are not known: where. */
  readonly #strangers = new Map<FrameworkId, Set<AgentId>>();
  #whitelist: ReadonlySet<string> | undefined;
  #revision = 0;
  #batch = 0;

  constructor(options: HierarchicalAllocatorOptions = {}) {
    this.#intervalMs = options.allocationIntervalMs ?? ALLOCATION_INTERVAL_MS_DEFAULT;
    this.#minAllocatable = options.minAllocatable ?? MIN_ALLOCATABLE_DEFAULT;
    this.#rules = {
      filterGpuResources: options.filterGpuResources ?? true,
      region: options.region,
    };
    this.#tree = new RoleTree(options.fairSharingExcluded ?? []);
  }

  addFramework(added: AllocatorFramework): void {
    if (this.#frameworks.has(added.id)) return this.updateFramework(added);
    const framework = new FrameworkState(added);
    this.#frameworks.set(framework.id, framework);
    for (const agentId of this.#strangers.get(framework.id) ?? []) {
      const held = this.#agents.get(agentId)?.held.get(framework.id);
      if (held) this.#track(framework.id, held);
    }
    this.#strangers.delete(framework.id);
    this.#rolesChanged(framework);
  }

  removeFramework(id: FrameworkId): void {
    if (!this.#frameworks.delete(id)) return;
    for (const role of this.#tree.rolesOf(id)) this.#tree.remove(role, id);
    for (const agent of this.#agents.values())
      if (agent.held.has(id)) this.#noteStranger(agent, id);
  }

  activateFramework(id: FrameworkId): void {
    const framework = this.#frameworks.get(id);
    if (!framework) return;
    framework.active = true;
    this.#rolesChanged(framework);
  }

  deactivateFramework(id: FrameworkId): void {
    const framework = this.#frameworks.get(id);
    if (!framework) return;
    framework.active = false;
    framework.dropAllFilters();
    this.#rolesChanged(framework);
  }

  updateFramework(updated: AllocatorFramework): void {
    const framework = this.#frameworks.get(updated.id);
    if (!framework) return;
    const before = framework.roles;
    framework.update(updated);
    this.#rolesChanged(framework);
    for (const role of before) this.#leaveIfIdle(framework, role);
  }

  /** Gives it its place, and its turns, in each of its roles. */
  #rolesChanged(framework: FrameworkState): void {
    this.#revision += 1;
    for (const role of framework.roles) {
      if (!this.#tree.has(role, framework.id)) this.#tree.add(role, framework.id);
    }
    for (const role of this.#tree.rolesOf(framework.id)) {
      this.#tree.setActive(role, framework.id, framework.wantsOffers(role));
    }
  }

  /** A role that it left is kept for it while it holds something there. */
  #leaveIfIdle({ id, roles }: FrameworkState, role: string): void {
    if (!roles.has(role) && this.#tree.holdsNothing(role, id)) this.#tree.remove(role, id);
  }

  addAgent(added: AllocatorAgent): void {
    this.removeAgent(added.id);
    const agent = new AgentState(added);
    this.#agents.set(agent.id, agent);
    this.#tree.totals.add(agent.total.scalarQuantities());
    for (const [frameworkId, used] of added.used ?? []) {
      agent.report(frameworkId, used);
      if (this.#frameworks.has(frameworkId)) this.#track(frameworkId, used);
      else this.#noteStranger(agent, frameworkId);
    }
  }

  removeAgent(id: AgentId): void {
    const agent = this.#agents.get(id);
    if (!agent) return;
    for (const [frameworkId, held] of [...agent.held]) this.#free(agent, frameworkId, held);
    this.#tree.totals.subtract(agent.total.scalarQuantities());
    this.#agents.delete(id);
    this.#dropFiltersOn(id);
  }

  updateAgent(id: AgentId, change: AgentChange): boolean {
    const agent = this.#agents.get(id);
    if (!agent) return false;
    const changes = [
      this.#changeTotal(agent, change.total),
      this.#changeAttributes(agent, change.attributes),
      changeCapabilities(agent, change.capabilities),
    ];
    if (!changes.includes(true)) return false;
    agent.untaken = undefined;
    return true;
  }

  #changeTotal(agent: AgentState, total: Resources | undefined): boolean {
    if (!total || agent.total.equals(total)) return false;
    this.#tree.totals.subtract(agent.total.scalarQuantities());
    this.#tree.totals.add(total.scalarQuantities());
    agent.total = total;
    return true;
  }

  #changeAttributes(agent: AgentState, attributes: AgentChange['attributes']): boolean {
    if (!attributes || equalAttributes(agent.attributes, attributes)) return false;
    agent.attributes = attributes;
    this.#dropFiltersOn(agent.id);
    return true;
  }

  #dropFiltersOn(id: AgentId): void {
    for (const framework of this.#frameworks.values()) framework.dropFiltersOn(id);
  }

  activateAgent(id: AgentId): void {
    const agent = this.#agents.get(id);
    if (agent) agent.active = true;
  }

  deactivateAgent(id: AgentId): void {
    const agent = this.#agents.get(id);
    if (agent) agent.active = false;
  }

  recoverResources({ frameworkId, agentId, resources, filters }: Recovery, nowMs: Millis): void {
    const agent = this.#agents.get(agentId);
    if (!agent || resources.isEmpty) return;
    this.#free(agent, frameworkId, resources);
    const framework = this.#frameworks.get(frameworkId);
    const timeoutMs = refusalMs(filters);
    if (!framework || timeoutMs === undefined) return;
    const expiresMs = nowMs + Math.max(this.#intervalMs, timeoutMs);
    for (const [role, refused] of resources.allocations()) {
      if (!framework.roles.has(role) || !framework.active) continue;
      const filter = { refused: refused.unallocate(), expiresMs };
      framework.ensureFilters(role).add(agentId, filter, { nowMs, batch: this.#batch });
    }
  }

  suppressOffers(id: FrameworkId, roles: readonly string[]): void {
    const framework = this.#frameworks.get(id);
    if (!framework) return;
    for (const role of roles.length > 0 ? roles : framework.roles) framework.suppressed.add(role);
    this.#rolesChanged(framework);
  }

  reviveOffers(id: FrameworkId, roles: readonly string[]): void {
    const framework = this.#frameworks.get(id);
    if (!framework) return;
    for (const role of roles.length > 0 ? roles : framework.roles) {
      framework.suppressed.delete(role);
      framework.dropFilters(role);
    }
    this.#rolesChanged(framework);
  }

  updateWeights(weights: readonly WeightInfo[]): void {
    this.#tree.updateWeights(weights);
  }

  updateWhitelist(hostnames: ReadonlySet<string> | undefined): void {
    this.#whitelist = hostnames;
  }

  allocate({ nowMs, random, candidates }: Run): readonly Allocation[] {
    const allocations: Allocation[] = [];
    const context: RunContext = {
      tree: this.#tree,
      frameworks: this.#frameworks,
      rules: this.#rules,
      minAllocatable: this.#minAllocatable,
      time: { nowMs, batch: this.#batch },
      revision: this.#revision,
      allocate: (choice, resources) => {
        allocations.push(this.#allocate(choice, resources));
      },
    };
    for (const agent of shuffle(this.#offerable(candidates), random)) allocateAgent(agent, context);
    if (!candidates) this.#batch += 1;
    return allocations;
  }

  #offerable(candidates: ReadonlySet<AgentId> | undefined): AgentState[] {
    const agents = candidates
      ? [...candidates].map((id) => this.#agents.get(id)).filter((agent) => agent !== undefined)
      : [...this.#agents.values()];
    return agents.filter(
      ({ active, hostname }) => active && (this.#whitelist?.has(hostname) ?? true),
    );
  }

  #allocate({ agent, framework, role }: Choice, offered: Resources): Allocation {
    const resources = offered.allocate(role);
    agent.allocate(framework.id, resources);
    this.#tree.allocated(role, framework.id, resources.scalarQuantities());
    return { frameworkId: framework.id, role, agentId: agent.id, resources };
  }

  #noteStranger(agent: AgentState, id: FrameworkId): void {
    const agents = this.#strangers.get(id);
    if (agents) agents.add(agent.id);
    else this.#strangers.set(id, new Set([agent.id]));
  }

  #track(id: FrameworkId, resources: Resources): void {
    for (const [role, part] of resources.allocations()) {
      if (!this.#tree.has(role, id)) this.#tree.add(role, id);
      this.#tree.allocated(role, id, part.scalarQuantities());
    }
  }

  #free(agent: AgentState, id: FrameworkId, resources: Resources): void {
    const freed = agent.recover(id, resources);
    const framework = this.#frameworks.get(id);
    if (!framework) return this.#forgetStranger(agent, id);
    for (const [role, part] of freed.allocations()) {
      this.#tree.unallocated(role, id, part.scalarQuantities());
      this.#leaveIfIdle(framework, role);
    }
  }

  #forgetStranger(agent: AgentState, id: FrameworkId): void {
    if (agent.held.has(id)) return;
    const agents = this.#strangers.get(id);
    agents?.delete(agent.id);
    if (agents?.size === 0) this.#strangers.delete(id);
  }

  /** What is free on an agent; for endpoints and for checks of the books. */
  available(id: AgentId): Resources | undefined {
    return this.#agents.get(id)?.available;
  }

  /** What a framework holds on an agent, offers included. */
  held(agentId: AgentId, frameworkId: FrameworkId): Resources | undefined {
    return this.#agents.get(agentId)?.held.get(frameworkId);
  }

  /** The weighted dominant share of a role, or of a framework in it; 0 if unknown. */
  share(role: string, frameworkId?: FrameworkId): number {
    return this.#tree.share(role, frameworkId);
  }
}

function changeCapabilities(agent: AgentState, capabilities: AgentChange['capabilities']): boolean {
  if (!capabilities) return false;
  const changed = new Set(capabilities);
  const same =
    changed.size === agent.capabilities.size &&
    [...changed].every((capability) => agent.capabilities.has(capability));
  agent.capabilities = changed;
  return !same;
}

/** Fisher and Yates, in place. */
function shuffle<T>(items: T[], random: Random): readonly T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random.next() * (last + 1));
    const [a, b] = [items[last], items[other]];
    if (a === undefined || b === undefined) break;
    items[last] = b;
    items[other] = a;
  }
  return items;
}
