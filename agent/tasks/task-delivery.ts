import { RunTaskMessage, type TaskInfo } from '../../proto/index.ts';
import type { AgentContext } from '../agent-context.ts';
import { DISK_FULL } from '../executors/executor-launcher.ts';
import type { Executor } from '../model/executor.ts';
import type { Framework } from '../model/framework.ts';
import { checkpointFurtherTask } from '../state/checkpoint.ts';
import { agentUpdate } from './agent-update.ts';
import { stagingTask } from './staging-task.ts';
import type { UpdateSink } from './update-sink.ts';

/** Hands tasks to a registered executor, in order, each after its `task.info` is durable. */
export class TaskDelivery {
  readonly #context: AgentContext;
  readonly #sink: UpdateSink;

  constructor(context: AgentContext, sink: UpdateSink) {
    this.#context = context;
    this.#sink = sink;
  }

  deliver(framework: Framework, executor: Executor, tasks: readonly TaskInfo[]): void {
    for (const task of tasks) this.#deliverOne(framework, executor, task);
  }

  #deliverOne(framework: Framework, executor: Executor, info: TaskInfo): void {
    const { model, meta, actor } = this.#context;
    const agentId = model.agentId ?? '';
    const task = stagingTask(info, framework.id, agentId);
    executor.queuedTasks.delete(info.task_id.value);
    executor.launchedTasks.set(info.task_id.value, task);
    if (!executor.checkpoint || executor.commandTask) {
      this.#send(framework, executor, info); // Needs no record, or was recorded with its executor.
      return;
    }
    executor.undeliveredTasks.add(info.task_id.value);
    const send = actor.defer(() => {
      this.#send(framework, executor, info);
    });
    const key = { ...executor.key, taskId: info.task_id.value };
    meta.journal.after(
      checkpointFurtherTask(meta, key, task),
      send,
      actor.defer(() => {
        this.#noRoom(framework, executor, info);
      }),
    );
  }

  #send(framework: Framework, executor: Executor, task: TaskInfo): void {
    executor.undeliveredTasks.delete(task.task_id.value);
    // Killed while its record was on its way to the disk, or the executor has ended.
    if (executor.state !== 'running' || !executor.pid) return;
    if (!executor.launchedTasks.has(task.task_id.value)) return;
    this.#context.actor.send(executor.pid, RunTaskMessage, {
      framework: framework.info,
      task,
      ...(framework.pid && { pid: framework.pid.toString() }),
    });
  }

  #noRoom(framework: Framework, executor: Executor, task: TaskInfo): void {
    const { runtime, model } = this.#context;
    executor.undeliveredTasks.delete(task.task_id.value);
    if (!executor.launchedTasks.has(task.task_id.value)) return; // Killed meanwhile.
    executor.unrecordedTasks.add(task.task_id.value);
    this.#sink.fromAgent(
      agentUpdate(runtime, {
        frameworkId: framework.id,
        agentId: model.agentId ?? '',
        taskId: task.task_id.value,
        executorId: executor.id,
        state: framework.partitionAware ? 'TASK_DROPPED' : 'TASK_LOST',
        reason: 'REASON_CONTAINER_LAUNCH_FAILED',
        message: DISK_FULL,
      }),
    );
  }
}
