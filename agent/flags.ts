import type { Millis } from '../libprocess/index.ts';

/** How an agent runs. The defaults are those of Mesos (`slave/constants.hpp`, `slave/flags.cpp`). */
export interface AgentFlags {
  /** Holds sandboxes and, under `meta/`, what outlives the agent. Absolute. */
  readonly workDirectory: string;
  /** Holds what a reboot may lose: records of running containers. Absolute. */
  readonly runtimeDirectory: string;
  /** What offers show, and what clients connect to. */
  readonly hostname: string;
  /** `cpus:4;mem:4096`; what it does not name is detected. */
  readonly resources: string;
  /** `rack:r1;level:3`. */
  readonly attributes: string;
  /** Off: nothing but the boot id is kept, each start is a new agent, and tasks of checkpointing frameworks are refused. */
  readonly checkpoint: boolean;
  /** What to do with executors that a former agent left: take them back, or end them and stop. */
  readonly recover: 'reconnect' | 'cleanup';
  /** Whether a damaged checkpoint stops recovery, or is skipped and counted. */
  readonly strict: boolean;
  /** Whether tasks run as their framework's user. Needs root. */
  readonly switchUser: boolean;
  readonly registrationBackoffFactorMs: Millis;
  readonly executorRegistrationTimeoutMs: Millis;
  readonly executorReregistrationTimeoutMs: Millis;
  readonly executorShutdownGracePeriodMs: Millis;
  /** How long executors of checkpointing frameworks wait for an agent to come back. */
  readonly recoveryTimeoutMs: Millis;
  readonly statusUpdateRetryIntervalMsMin: Millis;
  readonly statusUpdateRetryIntervalMsMax: Millis;
  /** How long sandboxes are kept after their executor ended, disk space permitting. */
  readonly gcDelayMs: Millis;
  /** Share of the disk to keep free: the fuller it is beyond that, the younger the sandboxes that go. */
  readonly gcDiskHeadroom: number;
  readonly diskWatchIntervalMs: Millis;
  readonly completedFrameworksMax: number;
  readonly completedExecutorsPerFrameworkMax: number;
  readonly completedTasksPerExecutorMax: number;
  /** Everything above as the operator gave it, for `/flags`. Secrets are left out. */
  readonly shown: Readonly<Record<string, string>>;
}

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;

/** All that has a default. */
export const AGENT_FLAG_DEFAULTS = {
  resources: '',
  attributes: '',
  checkpoint: true,
  recover: 'reconnect',
  strict: true,
  switchUser: true,
  registrationBackoffFactorMs: SECOND,
  executorRegistrationTimeoutMs: MINUTE,
  executorReregistrationTimeoutMs: 2 * SECOND,
  executorShutdownGracePeriodMs: 5 * SECOND,
  recoveryTimeoutMs: 15 * MINUTE,
  statusUpdateRetryIntervalMsMin: 10 * SECOND,
  statusUpdateRetryIntervalMsMax: 10 * MINUTE,
  gcDelayMs: 7 * 24 * 60 * MINUTE,
  gcDiskHeadroom: 0.1,
  diskWatchIntervalMs: MINUTE,
  completedFrameworksMax: 50,
  completedExecutorsPerFrameworkMax: 150,
  completedTasksPerExecutorMax: 200,
  shown: {},
} as const satisfies Partial<AgentFlags>;
