import type { UPID } from '../../libprocess/index.ts';
import type {
  ExecutorInfo,
  Task,
  TaskInfo,
  TaskState,
  TaskStatusReason,
} from '../../proto/index.ts';
import type { RunKey } from '../state/paths.ts';
import { Resources } from '../../common/resources.ts';
import { Ring } from './ring.ts';

/**
 * ```
 *   registering ──RegisterExecutor──► running ──shutdown, kill──► terminating ──exit──► terminated
 *        └────────────── exit, timeout ─────────────────────────────┴──────────────────────▲
 * ```
 */
export type ExecutorState = 'registering' | 'running' | 'terminating' | 'terminated';

/** Why the agent itself ended an executor: what its tasks are told instead of "terminated". */
export interface PendingTermination {
  readonly state: TaskState;
  readonly reason: TaskStatusReason;
  readonly message: string;
}

export interface ExecutorOptions {
  readonly info: ExecutorInfo;
  readonly key: RunKey;
  /** The sandbox. */
  readonly directory: string;
  /** Whether this is the built-in executor of one command task. */
  readonly commandTask: boolean;
  /** Whether its state outlives the agent. */
  readonly checkpoint: boolean;
  readonly completedTasksMax: number;
}

/** One run of an executor and its tasks, each in exactly one of the maps. */
export class Executor {
  readonly id: string;
  readonly info: ExecutorInfo;
  /** Names this run everywhere on disk. */
  readonly key: RunKey;
  readonly directory: string;
  readonly commandTask: boolean;
  /** Whether its state outlives the agent; not if there was no room to record it. */
  checkpoint: boolean;
  state: ExecutorState = 'registering';
  /** Where it listens; unknown before it registered. */
  pid: UPID | undefined;
  /**
   * The only process that may register as it: known of built-in executors, and of those that a
   * former agent let in.
   */
  awaitedPid: UPID | undefined;
  /** What its checkpoint says of `pid`. */
  recordedPid: UPID | undefined;
  /** Pid of its operating-system process, once started. */
  processId: number | undefined;
  pendingTermination: PendingTermination | undefined;
  /** Accepted, waiting for the executor to register; in the order accepted. */
  readonly queuedTasks = new Map<string, TaskInfo>();
  /** Handed to the executor, not ended. */
  readonly launchedTasks = new Map<string, Task>();
  /** Those of them whose record is still on its way to the disk: the executor has not got them. */
  readonly undeliveredTasks = new Set<string>();
  /** Those that there was no room to record: neither are their updates. */
  readonly unrecordedTasks = new Set<string>();
  /** Ended, with a terminal update that is not acknowledged yet. */
  readonly terminatedTasks = new Map<string, Task>();
  /** Those of them whose acknowledgement is on its way to the disk: a master has heard of their end. */
  readonly settlingTasks = new Set<string>();
  readonly completedTasks: Ring<Task>;

  constructor(options: ExecutorOptions) {
    this.id = options.info.executor_id.value;
    this.info = options.info;
    this.key = options.key;
    this.directory = options.directory;
    this.commandTask = options.commandTask;
    this.checkpoint = options.checkpoint;
    this.completedTasks = new Ring(options.completedTasksMax);
  }

  get frameworkId(): string {
    return this.key.frameworkId;
  }

  get containerId(): string {
    return this.key.containerId;
  }

  /** Whether nothing of it is still to be told. */
  get idle(): boolean {
    return (
      this.queuedTasks.size === 0 &&
      this.launchedTasks.size === 0 &&
      this.terminatedTasks.size === 0
    );
  }

  /**
   * Whether all that it was started for was ended before it got any of it: it would wait for ever
   * (`slave.cpp`, `everSentTask`).
   */
  get useless(): boolean {
    if (this.queuedTasks.size > 0 || this.launchedTasks.size > 0) return false;
    const ended = [...this.terminatedTasks.values(), ...this.completedTasks.items()];
    return !ended.some(({ statuses }) =>
      (statuses ?? []).some(({ source }) => source === 'SOURCE_EXECUTOR'),
    );
  }

  /** What the executor and its tasks hold; as in Mesos, one that has ended keeps its own share. */
  allocatedResources(): Resources {
    const tasks = [...this.queuedTasks.values(), ...this.launchedTasks.values()];
    return tasks.reduce(
      (sum, task) => sum.plus(Resources.fromProtobuf(task.resources)),
      Resources.fromProtobuf(this.info.resources),
    );
  }

  has(taskId: string): boolean {
    return (
      this.queuedTasks.has(taskId) ||
      this.launchedTasks.has(taskId) ||
      this.terminatedTasks.has(taskId)
    );
  }

  /** All tasks that a master must know of. */
  *activeTasks(): Generator<Task> {
    yield* this.launchedTasks.values();
    for (const [taskId, task] of this.terminatedTasks)
      if (!this.settlingTasks.has(taskId)) yield task;
  }
}
