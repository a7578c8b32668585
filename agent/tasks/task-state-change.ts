import { isTerminal } from '../../common/task-state.ts';
import type { Executor } from '../model/executor.ts';
import { stagingTask } from './staging-task.ts';
import type { Task, TaskStatus } from '../../proto/index.ts';

/** Statuses kept with each task; the master keeps as many. */
const STATUSES_KEPT_MAX = 10;

/**
 * Lets a status change what the agent knows of a task, moving it between the executor's maps.
 * Returns why not, if it may not: a task that has ended stays as it ended.
 */
export function applyStatus(
  executor: Executor,
  status: TaskStatus,
  agentId: string,
): string | undefined {
  const taskId = status.task_id.value;
  const terminal = isTerminal(status.state);
  const queued = executor.queuedTasks.get(taskId);
  if (queued) {
    if (!terminal) return 'it has not been handed to the executor';
    executor.queuedTasks.delete(taskId);
    executor.terminatedTasks.set(
      taskId,
      withStatus(stagingTask(queued, executor.frameworkId, agentId), status),
    );
    return undefined;
  }
  const launched = executor.launchedTasks.get(taskId);
  if (launched) {
    if (terminal) {
      executor.launchedTasks.delete(taskId);
      executor.terminatedTasks.set(taskId, withStatus(launched, status));
    } else {
      executor.launchedTasks.set(taskId, withStatus(launched, status));
    }
    return undefined;
  }
  if (executor.terminatedTasks.has(taskId)) return 'the task has already ended';
  return 'the executor has no such task';
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Of statuses that repeat a state the newest is kept (`slave.cpp`, `updateTaskState`). */
export function withStatus(task: Task, status: TaskStatus): Task {
  const kept: Mutable<TaskStatus> = { ...status };
  delete kept.data; // As in Mesos, data is delivered and not kept.
  const former = task.statuses ?? [];
  const others = former.at(-1)?.state === status.state ? former.slice(0, -1) : former;
  const statuses = [...others.slice(1 - STATUSES_KEPT_MAX), kept];
  return { ...task, state: status.state, statuses };
}

/** Whether `uuid` acknowledges the end of a task, which has been told: nothing is left to be said of it. */
export function isEndAcknowledged(
  { status_update_state: state, status_update_uuid: told }: Task,
  uuid: Uint8Array,
): boolean {
  return state !== undefined && isTerminal(state) && sameBytes(told, uuid);
}

/** Whether this very status has been applied already: an executor says again what it sent before. */
export function isRepeated(executor: Executor, { task_id, uuid }: TaskStatus): boolean {
  const task =
    executor.launchedTasks.get(task_id.value) ?? executor.terminatedTasks.get(task_id.value);
  return (task?.statuses ?? []).some((known) => sameBytes(known.uuid, uuid));
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.from(a).equals(b);
}

/** Remembers what was last forwarded of a task, for the master's reconciliation. */
export function noteForwarded(executor: Executor, status: TaskStatus): Task | undefined {
  const taskId = status.task_id.value;
  for (const tasks of [executor.launchedTasks, executor.terminatedTasks]) {
    const task = tasks.get(taskId);
    if (!task) continue;
    const noted: Task = {
      ...task,
      status_update_state: status.state,
      ...(status.uuid && { status_update_uuid: status.uuid }),
    };
    tasks.set(taskId, noted);
    return noted;
  }
  return undefined;
}
