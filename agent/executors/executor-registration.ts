import type { UPID } from '../../libprocess/index.ts';
import {
  ExecutorRegisteredMessage,
  ExecutorReregisteredMessage,
  ReconnectExecutorMessage,
  ShutdownExecutorMessage,
  type RegisterExecutorMessage,
  type ReregisterExecutorMessage,
} from '../../proto/index.ts';
import type { AgentContext } from '../agent-context.ts';
import type { Executor } from '../model/executor.ts';
import type { Framework } from '../model/framework.ts';
import { checkpointExecutorPid } from '../state/checkpoint.ts';
import { agentUpdate } from '../tasks/agent-update.ts';
import type { StatusUpdateHandler } from '../tasks/status-update-handler.ts';
import type { TaskDelivery } from '../tasks/task-delivery.ts';

export interface ExecutorRegistrationOptions {
  readonly delivery: TaskDelivery;
  readonly statusUpdates: StatusUpdateHandler;
  /** It registered, and all that it was started for has gone meanwhile. */
  readonly onUseless: (framework: Framework, executor: Executor) => void;
  /** An executor of a former agent is back. */
  readonly onReregistered: () => void;
}

const LOOPBACK = /^127\.|^\[::1\]$/;

/**
 * Lets executors in: new ones when they register, those of a former agent when they answer
 * ReconnectExecutorMessage. Whoever is not expected is told to shut down.
 */
export class ExecutorRegistration {
  readonly #context: AgentContext;
  readonly #options: ExecutorRegistrationOptions;

  constructor(context: AgentContext, options: ExecutorRegistrationOptions) {
    this.#context = context;
    this.#options = options;
  }

  register(from: UPID, message: RegisterExecutorMessage): void {
    const { model } = this.#context;
    const framework = model.frameworks.get(message.framework_id.value);
    const executor = framework?.executors.get(message.executor_id.value);
    const open = model.state !== 'recovering' && model.state !== 'terminating';
    const awaited = executor?.state === 'registering' && this.#mayBe(executor, from);
    if (!open || !framework || framework.terminating || !awaited) {
      this.#unexpected(from, message.executor_id.value);
      return;
    }
    this.#attach(executor, from);
    if (executor.useless) {
      this.#options.onUseless(framework, executor);
      return;
    }
    this.#context.actor.send(from, ExecutorRegisteredMessage, {
      executor_info: executor.info,
      framework_id: { value: framework.id },
      framework_info: framework.info,
      slave_id: { value: model.agentId ?? '' },
      slave_info: model.info,
    });
    this.#options.delivery.deliver(framework, executor, [...executor.queuedTasks.values()]);
  }

  /** Executors run on this machine, and whoever else claims to be one is after its tasks. */
  #mayBe({ awaitedPid }: Executor, from: UPID): boolean {
    if (awaitedPid) return awaitedPid.equals(from);
    return from.ip === this.#context.actor.self.ip || LOOPBACK.test(from.ip);
  }

  #unexpected(from: UPID, executorId: string): void {
    const { logger, actor } = this.#context;
    logger.warn('Told an unexpected executor to shut down', { executorId, from: from.toString() });
    actor.send(from, ShutdownExecutorMessage, {});
  }

  #attach(executor: Executor, pid: UPID): void {
    const { actor, meta, logger } = this.#context;
    executor.state = 'running';
    executor.pid = pid;
    actor.link(pid);
    logger.info('An executor registered', { executorId: executor.id, pid: pid.toString() });
    // Of those that come back to a new agent it is known: nothing to write, and to replay later.
    if (!executor.checkpoint || executor.recordedPid?.equals(pid)) return;
    checkpointExecutorPid(meta, executor.key, pid.toString());
    executor.recordedPid = pid;
  }

  /** Asks an executor of a former agent to come back. */
  reconnect(pid: UPID): void {
    const { actor, model } = this.#context;
    actor.link(pid);
    actor.send(pid, ReconnectExecutorMessage, { slave_id: { value: model.agentId ?? '' } });
  }

  reregister(from: UPID, message: ReregisterExecutorMessage): void {
    const { model, actor } = this.#context;
    const framework = model.frameworks.get(message.framework_id.value);
    const executor = framework?.executors.get(message.executor_id.value);
    if (model.state === 'recovering' && !executor) return; // Not read yet: it will be asked.
    // One that is in already comes again when only its connection was lost, or the answer was.
    const again = executor?.state === 'running' && executor.pid?.equals(from) === true;
    const open = model.state !== 'terminating' && framework?.terminating === false;
    const back = executor?.state === 'registering' && this.#mayBe(executor, from);
    if (!open || !executor || !(again || back)) {
      this.#unexpected(from, message.executor_id.value);
      return;
    }
    this.#attach(executor, from);
    actor.send(from, ExecutorReregisteredMessage, {
      slave_id: { value: model.agentId ?? '' },
      slave_info: model.info,
    });
    for (const update of message.updates ?? []) {
      this.#options.statusUpdates.fromExecutor(update, from);
    }
    this.#dropUnknownTasks(framework, executor, message);
    if (executor.useless) this.#options.onUseless(framework, executor);
    this.#options.onReregistered();
  }

  /** Tasks recorded but never received: the former agent ended between the two. */
  #dropUnknownTasks(
    framework: Framework,
    executor: Executor,
    message: ReregisterExecutorMessage,
  ): void {
    const { runtime, model } = this.#context;
    const known = new Set(message.tasks?.map((task) => task.task_id.value));
    for (const task of [...executor.launchedTasks.values()]) {
      if (task.state !== 'TASK_STAGING' || known.has(task.task_id.value)) continue;
      this.#options.statusUpdates.fromAgent(
        agentUpdate(runtime, {
          frameworkId: framework.id,
          agentId: model.agentId ?? '',
          taskId: task.task_id.value,
          executorId: executor.id,
          state: framework.partitionAware ? 'TASK_DROPPED' : 'TASK_LOST',
          reason: 'REASON_SLAVE_RESTARTED',
          message: 'Task launched during agent restart',
        }),
      );
    }
  }
}
