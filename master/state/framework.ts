import type { AgentId, ExecutorId, FrameworkId, TaskId } from '../../common/ids.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type { UPID } from '../../libprocess/upid.ts';
import {
  FrameworkInfoDefaults,
  type ExecutorInfo,
  type FrameworkInfo,
  type FrameworkInfoCapabilityType,
} from '../../proto/index.ts';
import { Counters } from './counters.ts';
import { BoundedMap } from '../../libprocess/collections/bounded-map.ts';
import type { OfferRecord } from './offer-record.ts';
import { FrameworkTasks } from './framework-tasks.ts';
import { PairMap } from './pair-map.ts';
import { Ring } from './ring.ts';
import type { TaskRecord } from './task-record.ts';

/**
 * ```
 *   recovered ──► active ◄──► inactive
 *      (agents told of it)      │   (connected, wants no offers)
 *                  ▲  │         │
 *                  │  ▼         ▼
 *                 disconnected
 * ```
 */
export type FrameworkState = 'recovered' | 'disconnected' | 'inactive' | 'active';

export interface FrameworkLimits {
  readonly completedTasksMax: number;
  readonly unreachableTasksMax: number;
}

export interface FrameworkOptions {
  readonly id: FrameworkId;
  /** With its id. */
  readonly info: FrameworkInfo;
  /** Where its scheduler is; unknown while it is recovered from its agents. */
  readonly pid: UPID | undefined;
  readonly state: FrameworkState;
  readonly registeredAtMs: Millis;
  readonly limits: FrameworkLimits;
}

/** A framework that has subscribed, or that agents told of. */
export class Framework {
  readonly id: FrameworkId;
  #info: FrameworkInfo;
  readonly #capabilities = new Set<FrameworkInfoCapabilityType>();
  pid: UPID | undefined;
  state: FrameworkState;
  readonly registeredAtMs: Millis;
  reregisteredAtMs: Millis | undefined;
  unregisteredAtMs: Millis | undefined;
  /** Counts its subscriptions: a failover timer of an earlier one means nothing. */
  subscriptions = 0;
  failoverTimer: Disposable | undefined;
  #suppressedRoles: ReadonlySet<string> = new Set();
  /** Calls, events, offers and operations of this framework, for its metrics. */
  readonly counters = new Counters();
  readonly tasks = new FrameworkTasks();
  readonly unreachableTasks: BoundedMap<TaskId, TaskRecord>;
  readonly completedTasks: Ring<TaskRecord>;
  readonly executors = new PairMap<AgentId, ExecutorId, ExecutorInfo>();
  readonly offers = new Set<OfferRecord>();

  constructor(options: FrameworkOptions) {
    this.id = options.id;
    this.#info = options.info;
    this.pid = options.pid;
    this.state = options.state;
    this.registeredAtMs = options.registeredAtMs;
    this.unreachableTasks = new BoundedMap(options.limits.unreachableTasksMax);
    this.completedTasks = new Ring(options.limits.completedTasksMax);
    this.#readCapabilities();
  }

  get info(): FrameworkInfo {
    return this.#info;
  }
  get capabilities(): ReadonlySet<FrameworkInfoCapabilityType> {
    return this.#capabilities;
  }
  get partitionAware(): boolean {
    return this.#capabilities.has('PARTITION_AWARE');
  }
  get connected(): boolean {
    return this.state === 'active' || this.state === 'inactive';
  }
  get active(): boolean {
    return this.state === 'active';
  }
  get recovered(): boolean {
    return this.state === 'recovered';
  }
  get roles(): readonly string[] {
    return rolesOf(this.#info);
  }

  get suppressedRoles(): ReadonlySet<string> {
    return this.#suppressedRoles;
  }
  /** Roles that it is not in are left out. */
  set suppressedRoles(named: Iterable<string>) {
    const roles = new Set(this.roles);
    this.#suppressedRoles = new Set([...named].filter((role) => roles.has(role)));
  }

  update(info: FrameworkInfo): void {
    this.#info = info;
    this.#readCapabilities();
  }

  /** Agents with tasks or executors of it. */
  agentIds(): Set<AgentId> {
    const ids = new Set(this.executors.firstKeys());
    for (const task of this.tasks.values()) ids.add(task.agentId);
    return ids;
  }

  #readCapabilities(): void {
    this.#capabilities.clear();
    for (const { type } of this.#info.capabilities ?? []) if (type) this.#capabilities.add(type);
  }
}

export const hasCapability = (info: FrameworkInfo, type: FrameworkInfoCapabilityType): boolean =>
  info.capabilities?.some((capability) => capability.type === type) ?? false;

/** The roles of a framework: several with MULTI_ROLE, else its one `role`. */
export function rolesOf(info: FrameworkInfo): readonly string[] {
  if (hasCapability(info, 'MULTI_ROLE')) return info.roles ?? [];
  return [info.role ?? FrameworkInfoDefaults.role];
}
