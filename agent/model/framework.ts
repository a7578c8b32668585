import type { UPID } from '../../libprocess/index.ts';
import type { FrameworkInfo, TaskInfo } from '../../proto/index.ts';
import type { Executor } from './executor.ts';
import { Ring } from './ring.ts';

export interface FrameworkOptions {
  readonly id: string;
  readonly info: FrameworkInfo;
  readonly pid: UPID | undefined;
  readonly checkpoint: boolean;
  readonly completedExecutorsMax: number;
}

/** A framework with tasks or executors on this agent. */
export class Framework {
  readonly id: string;
  info: FrameworkInfo;
  /** Its driver's address; undefined for HTTP frameworks and after recovery of one. */
  pid: UPID | undefined;
  /** Whether its state outlives the agent. */
  readonly checkpoint: boolean;
  /** It ought to be recorded and is not, yet or for want of room. */
  unrecorded = false;
  terminating = false;
  readonly executors = new Map<string, Executor>();
  /** Tasks without an executor whose end is not acknowledged yet: refused, or never come here. */
  readonly untoldTasks = new Set<string>();
  /** Tasks that came under the id of one whose end is not acknowledged yet: they are told of after it. */
  readonly tasksInTheWay = new Map<string, TaskInfo>();
  readonly completedExecutors: Ring<Executor>;

  constructor(options: FrameworkOptions) {
    this.id = options.id;
    this.info = options.info;
    this.pid = options.pid;
    this.checkpoint = options.checkpoint;
    this.completedExecutors = new Ring(options.completedExecutorsMax);
  }

  get idle(): boolean {
    return this.executors.size === 0 && this.untoldTasks.size === 0;
  }

  get partitionAware(): boolean {
    return hasCapability(this.info, 'PARTITION_AWARE');
  }

  /** Whether a master may still hear of the task from here. */
  knows(taskId: string): boolean {
    return this.untoldTasks.has(taskId) || this.executorOf(taskId) !== undefined;
  }

  /** The executor that registered from there. */
  executorAt(pid: UPID): Executor | undefined {
    for (const executor of this.executors.values()) {
      if (executor.pid?.equals(pid) === true) return executor;
    }
    return undefined;
  }

  executorOf(taskId: string): Executor | undefined {
    const named = this.executors.get(taskId);
    if (named?.has(taskId)) return named;
    for (const executor of this.executors.values()) {
      // Those of command tasks, of which there may be thousands, are named after their one task.
      if (!executor.commandTask && executor.has(taskId)) return executor;
    }
    return undefined;
  }
}

export function hasCapability(
  info: FrameworkInfo,
  type: NonNullable<FrameworkInfo['capabilities']>[number]['type'],
): boolean {
  return info.capabilities?.some((capability) => capability.type === type) ?? false;
}
