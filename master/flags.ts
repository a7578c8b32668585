import type { ResourceQuantities } from '../common/resource-quantities.ts';
import type { Millis } from '../libprocess/clock.ts';
import { MIN_ALLOCATABLE_DEFAULT } from './allocator/hierarchical-allocator.ts';

/** At most `permits` in each `perMs`, as in `--agent_removal_rate_limit=1/20mins`. */
export interface RateLimit {
  readonly permits: number;
  readonly perMs: Millis;
}

/** The flags of a master that its actor reads; those of storage and transport belong to others. */
export interface MasterFlags {
  /** Where HTTP clients are sent; default: the IP address of the node. */
  readonly hostname: string | undefined;
  readonly agentPingTimeoutMs: Millis;
  readonly maxAgentPingTimeouts: number;
  /** How long an agent may stay away after a broken connection, or after our election. */
  readonly agentReregisterTimeoutMs: Millis;
  readonly agentRemovalRateLimit: RateLimit | undefined;
  /** Fraction of the agents in the registry that may be missing after an election, 0 to 1. */
  readonly recoveryAgentRemovalLimit: number;
  readonly registryStoreTimeoutMs: Millis;
  readonly registryFetchTimeoutMs: Millis;
  readonly registryGcIntervalMs: Millis;
  readonly registryMaxAgentAgeMs: Millis;
  readonly registryMaxAgentCount: number;
  readonly allocationIntervalMs: Millis;
  /** What contains none of these is not offered: `cpus:0.01|mem:32`. */
  readonly minAllocatableResources: readonly ResourceQuantities[];
  /** Undefined: offers never expire. */
  readonly offerTimeoutMs: Millis | undefined;
  readonly maxCompletedFrameworks: number;
  readonly maxCompletedTasksPerFramework: number;
  readonly maxUnreachableTasksPerFramework: number;
  /** Whether frameworks may run tasks as root. */
  readonly rootSubmissions: boolean;
  readonly publishPerFrameworkMetrics: boolean;
  /** Flags that others read, such as `port`, by name: `/flags` shows them too. */
  readonly shown: Readonly<Record<string, string>>;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;

/** The defaults of Mesos. */
export const MASTER_FLAG_DEFAULTS: MasterFlags = {
  hostname: undefined,
  agentPingTimeoutMs: 15 * SECOND_MS,
  maxAgentPingTimeouts: 5,
  agentReregisterTimeoutMs: 10 * MINUTE_MS,
  agentRemovalRateLimit: undefined,
  recoveryAgentRemovalLimit: 1,
  registryStoreTimeoutMs: 20 * SECOND_MS,
  registryFetchTimeoutMs: MINUTE_MS,
  registryGcIntervalMs: 15 * MINUTE_MS,
  registryMaxAgentAgeMs: 2 * WEEK_MS,
  registryMaxAgentCount: 102_400,
  allocationIntervalMs: SECOND_MS,
  minAllocatableResources: MIN_ALLOCATABLE_DEFAULT,
  offerTimeoutMs: undefined,
  maxCompletedFrameworks: 50,
  maxCompletedTasksPerFramework: 1_000,
  maxUnreachableTasksPerFramework: 1_000,
  rootSubmissions: true,
  publishPerFrameworkMetrics: true,
  shown: {},
};

export const masterFlags = (given: Partial<MasterFlags> = {}): MasterFlags => ({
  ...MASTER_FLAG_DEFAULTS,
  ...given,
});

/** An agent that stays silent this long is unreachable; agents are told it when they register. */
export const totalPingTimeoutMs = (flags: MasterFlags): Millis =>
  flags.agentPingTimeoutMs * flags.maxAgentPingTimeouts;
