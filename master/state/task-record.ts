import {
  agentId,
  executorId,
  frameworkId,
  taskId,
  type AgentId,
  type ExecutorId,
  type FrameworkId,
  type TaskId,
} from '../../common/ids.ts';
import { Resources } from '../../common/resources.ts';
import { isTerminal } from '../../common/task-state.ts';
import type {
  Resource,
  StatusUpdate,
  Task,
  TaskInfo,
  TaskState,
  TaskStatus,
} from '../../proto/index.ts';
import { compact } from './compact.ts';

/** Statuses kept of one task: one for each run of equal states, the newest ones. */
export const STATUSES_MAX = 100;

/** What an update has done. */
export interface Transition {
  /** The task has reached a terminal state. */
  readonly ended: boolean;
  /** Its resources count no more. */
  readonly released: boolean;
}

/** One task as the master knows it. What never changes is in `description`. */
export class TaskRecord {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  readonly agentId: AgentId;
  /** Absent for command tasks: their executor is the agent's business. */
  readonly executorId: ExecutorId | undefined;
  readonly #description: Task;
  state: TaskState;
  #statuses: TaskStatus[];
  /** State and uuid of the newest update that the framework has to acknowledge. */
  #updateState: TaskState | undefined;
  #updateUuid: Uint8Array | undefined;
  #allocated: Resources | undefined;

  constructor(task: Task) {
    this.frameworkId = frameworkId(task.framework_id.value);
    this.taskId = taskId(task.task_id.value);
    this.agentId = agentId(task.slave_id.value);
    this.executorId = task.executor_id && executorId(task.executor_id.value);
    this.#description = task;
    this.state = task.state;
    this.#statuses = (task.statuses ?? []).map(withoutData);
    this.#updateState = task.status_update_state;
    this.#updateUuid = task.status_update_uuid;
  }

  /** A task that is being launched. */
  static launched(info: TaskInfo, framework: FrameworkId): TaskRecord {
    return new TaskRecord(taskOf(info, framework));
  }

  get name(): string {
    return this.#description.name;
  }
  get resources(): readonly Resource[] {
    return this.#description.resources ?? [];
  }
  /** With their allocation role. */
  get allocated(): Resources {
    return (this.#allocated ??= Resources.fromProtobuf(this.resources));
  }
  get statuses(): readonly TaskStatus[] {
    return this.#statuses;
  }
  get lastStatus(): TaskStatus | undefined {
    return this.#statuses.at(-1);
  }
  get updateState(): TaskState | undefined {
    return this.#updateState;
  }
  get updateUuid(): Uint8Array | undefined {
    return this.#updateUuid;
  }
  /** Terminal and unreachable tasks count against nobody. */
  get holdsResources(): boolean {
    return !isTerminal(this.state) && this.state !== 'TASK_UNREACHABLE';
  }

  /**
   * Takes an update in. The agent's `latest_state` wins over the state of the update, which may be
   * an old one that is being retried; a terminal state is never left.
   */
  apply(update: StatusUpdate): Transition {
    const { status } = update;
    const before = { ended: isTerminal(this.state), held: this.holdsResources };
    if (!before.ended) this.state = update.latest_state ?? status.state;
    if (update.uuid !== undefined) {
      this.#updateState = status.state;
      this.#updateUuid = update.uuid;
    }
    if (this.lastStatus?.state === status.state) this.#statuses.pop();
    if (this.#statuses.length === STATUSES_MAX) this.#statuses.shift();
    this.#statuses.push(withoutData(status));
    return {
      ended: !before.ended && isTerminal(this.state),
      released: before.held && !this.holdsResources,
    };
  }

  toTask(): Task {
    return compact({
      ...this.#description,
      state: this.state,
      statuses: this.#statuses,
      status_update_state: this.#updateState,
      status_update_uuid: this.#updateUuid,
    });
  }
}

/** `data` may be large and is the framework's alone. */
function withoutData(status: TaskStatus): TaskStatus {
  if (status.data === undefined) return status;
  const { data: _data, ...rest } = status;
  return rest;
}

function taskOf(info: TaskInfo, framework: FrameworkId): Task {
  return compact({
    name: info.name,
    task_id: info.task_id,
    framework_id: { value: framework },
    executor_id: info.executor?.executor_id,
    slave_id: info.slave_id,
    state: 'TASK_STAGING' as const,
    resources: info.resources,
    labels: info.labels,
    discovery: info.discovery,
    container: info.container,
    health_check: info.health_check,
    kill_policy: info.kill_policy,
    user: info.command?.user ?? info.executor?.command?.user,
    limits: info.limits,
  });
}
