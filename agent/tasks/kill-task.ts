import type { UPID } from '../../libprocess/index.ts';
import { KillTaskMessage, type TaskState, type TaskStatusReason } from '../../proto/index.ts';
import type { AgentContext } from '../agent-context.ts';
import type { ExecutorShutdown } from '../executors/executor-shutdown.ts';
import type { Framework } from '../model/framework.ts';
import { agentUpdate } from './agent-update.ts';
import type { UpdateSink } from './update-sink.ts';

export interface KillTaskOptions {
  readonly sink: UpdateSink;
  readonly shutdown: ExecutorShutdown;
}

/** Kills a task wherever it is: not begun, waiting for its executor, or running (`slave.cpp`, `kill`). */
export class KillTask {
  readonly #context: AgentContext;
  readonly #options: KillTaskOptions;

  constructor(context: AgentContext, options: KillTaskOptions) {
    this.#context = context;
    this.#options = options;
  }

  kill(from: UPID, message: KillTaskMessage): void {
    const { model, logger, actor } = this.#context;
    const taskId = message.task_id.value;
    if (!model.master?.equals(from)) return;
    if (model.state !== 'running' && model.state !== 'disconnected') return;
    const framework = model.frameworks.get(message.framework_id.value);
    if (!framework) {
      logger.warn('Ignored a kill for an unknown framework', { taskId });
      return;
    }
    const executor = framework.executorOf(taskId);
    if (!executor) {
      this.#tell(framework, taskId, {
        state: framework.partitionAware ? 'TASK_DROPPED' : 'TASK_LOST',
        reason: 'REASON_EXECUTOR_TERMINATED',
        message: 'Could not find the task or its executor',
      });
      return;
    }
    if (executor.queuedTasks.has(taskId) || executor.undeliveredTasks.has(taskId)) {
      this.#tell(framework, taskId, {
        state: 'TASK_KILLED',
        reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
        message: 'Killed before it was handed to its executor',
        executorId: executor.id,
      });
      if (executor.useless) this.#options.shutdown.shutdown(executor);
      return;
    }
    if (executor.state !== 'running' || !executor.pid) return; // Its end will be told all the same.
    actor.send(executor.pid, KillTaskMessage, message);
  }

  #tell(
    framework: Framework,
    taskId: string,
    status: { state: TaskState; reason: TaskStatusReason; message: string; executorId?: string },
  ): void {
    const { runtime, model } = this.#context;
    this.#options.sink.fromAgent(
      agentUpdate(runtime, {
        frameworkId: framework.id,
        agentId: model.agentId ?? '',
        taskId,
        ...status,
      }),
    );
  }
}
