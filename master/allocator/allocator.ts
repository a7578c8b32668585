import type { Millis } from '../../libprocess/clock.ts';
import type { Random } from '../../libprocess/random.ts';
import type { AgentId, FrameworkId } from '../../common/ids.ts';
import type { ResourceQuantities } from '../../common/resource-quantities.ts';
import type { Resources } from '../../common/resources.ts';
import type {
  Attribute,
  Filters,
  FrameworkInfoCapabilityType,
  SlaveInfoCapabilityType,
  WeightInfo,
} from '../../proto/index.ts';

/** What the allocator knows of a framework. */
export interface AllocatorFramework {
  readonly id: FrameworkId;
  /** The roles it is subscribed in; at least one. */
  readonly roles: readonly string[];
  /** Those of its roles in which it wants no offers until it revives them. */
  readonly suppressedRoles?: readonly string[];
  readonly capabilities?: readonly FrameworkInfoCapabilityType[];
  /**
   * By role, replaces the cluster's minimum: an offer must contain one of these. An empty list
   * means that anything is welcome.
   */
  readonly minAllocatable?: ReadonlyMap<string, readonly ResourceQuantities[]>;
  /** False for one that is known but not connected: it gets no offers until activated. Default: true. */
  readonly active?: boolean;
}

/** What may change of an agent while it is registered. */
export interface AgentChange {
  readonly total?: Resources;
  readonly capabilities?: readonly SlaveInfoCapabilityType[];
  readonly attributes?: readonly Attribute[];
}

/** What the allocator knows of an agent. */
export interface AllocatorAgent extends AgentChange {
  readonly id: AgentId;
  readonly hostname: string;
  readonly total: Resources;
  /** Where it stands, if it says so: a region other than the master's is for REGION_AWARE only. */
  readonly region?: string;
  /** What frameworks hold on it, allocated to their roles; those need not be known yet. */
  readonly used?: ReadonlyMap<FrameworkId, Resources>;
}

/** Resources that a framework gives back: declined, left over, or of a task that ended. */
export interface Recovery {
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  /** Allocated to the role in which they were offered. More than is held is ignored. */
  readonly resources: Resources;
  /** Keeps what is recovered from being offered to the framework again for a while. */
  readonly filters?: Filters | undefined;
}

/** One offer to be made: these resources of that agent, allocated to that role of that framework. */
export interface Allocation {
  readonly frameworkId: FrameworkId;
  readonly role: string;
  readonly agentId: AgentId;
  readonly resources: Resources;
}

/** One allocation run. */
export interface Run {
  readonly nowMs: Millis;
  readonly random: Random;
  /** The agents to look at; all if absent. */
  readonly candidates?: ReadonlySet<AgentId>;
}

/**
 * Decides who is offered what. Synchronous and pure: every call but `allocate` changes the books,
 * `allocate` decides from the books and enters what it decided as allocated at once; the caller
 * sends the offers. When runs happen is the business of `AllocatorProcess`.
 *
 * An offer counts as allocated from the run that made it until `recoverResources`; tasks launched
 * on it simply go on holding their part. Calls about frameworks or agents that are not known are
 * ignored: messages may cross (a recovery after a removal).
 */
export interface Allocator {
  /** What agents have reported as its use before (`AllocatorAgent.used`) is its share from now on. */
  addFramework(framework: AllocatorFramework): void;
  /** What it still holds stays taken on the agents until recovered. */
  removeFramework(id: FrameworkId): void;
  /** It reconnected. Its suppressed roles stay so unless `updateFramework` said otherwise. */
  activateFramework(id: FrameworkId): void;
  /** It disconnected: no offers, and its filters are forgotten, but its share is kept. */
  deactivateFramework(id: FrameworkId): void;
  /** Replaces roles, suppressed roles, capabilities and minimum. */
  updateFramework(framework: AllocatorFramework): void;

  addAgent(agent: AllocatorAgent): void;
  /** With all that was held on it; recoveries that come later are ignored. */
  removeAgent(id: AgentId): void;
  /**
   * A smaller total may leave the agent over-allocated: of such a kind nothing is offered until
   * enough has been recovered. Changed attributes drop all filters on the agent. True if anything changed.
   */
  updateAgent(id: AgentId, change: AgentChange): boolean;
  activateAgent(id: AgentId): void;
  /** Nothing of it is offered; what is held on it stays held. */
  deactivateAgent(id: AgentId): void;

  recoverResources(recovery: Recovery, nowMs: Millis): void;
  /** No roles means all of its roles. */
  suppressOffers(id: FrameworkId, roles: readonly string[]): void;
  /** Ends suppression and drops the filters, in these roles; no roles means all of its roles. */
  reviveOffers(id: FrameworkId, roles: readonly string[]): void;

  /** A role's share is divided by its weight; 1 unless said. Also for roles nobody is in yet. */
  updateWeights(weights: readonly WeightInfo[]): void;
  /** Host names that may be offered; undefined: all. */
  updateWhitelist(hostnames: ReadonlySet<string> | undefined): void;

  /** Runs once, over the candidates. A run over all agents counts as a batch for the filters. */
  allocate(run: Run): readonly Allocation[];
}
