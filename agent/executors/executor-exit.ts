import { isTerminal } from '../../common/task-state.ts';
import { ExitedExecutorMessage } from '../../proto/index.ts';
import type { AgentContext } from '../agent-context.ts';
import type { ContainerEnd } from '../containerizer/containerizer.ts';
import type { Executor } from '../model/executor.ts';
import type { Framework } from '../model/framework.ts';
import { checkpointSentinel, checkpointFurtherTask } from '../state/checkpoint.ts';
import { agentUpdate } from '../tasks/agent-update.ts';
import { stagingTask } from '../tasks/staging-task.ts';
import type { UpdateSink } from '../tasks/update-sink.ts';

export interface ExecutorExitOptions {
  readonly sink: UpdateSink;
  /** The last framework of an agent that is shutting down has gone. */
  readonly onFrameworkRemoved: () => void;
}

/**
 * What follows the end of an executor: each of its live tasks gets one terminal update, the master
 * is told, and once all updates are acknowledged the executor is removed and its sandbox is left to
 * the garbage collector (`slave.cpp`, `executorTerminated`, `removeExecutor`, `removeFramework`).
 */
export class ExecutorExit {
  readonly #context: AgentContext;
  readonly #options: ExecutorExitOptions;
  /** What the master was told while it did not know the agent, by framework and executor. */
  readonly #doubtful = new Map<string, ExitedExecutorMessage>();

  constructor(context: AgentContext, options: ExecutorExitOptions) {
    this.#context = context;
    this.#options = options;
  }

  ended(framework: Framework, executor: Executor, end: ContainerEnd): void {
    if (executor.state === 'terminated') return;
    const { metrics, logger } = this.#context;
    metrics.executorsTerminated.increment();
    executor.state = 'terminated';
    logger.info('An executor ended', { executorId: executor.id, status: end.message });
    if (!framework.terminating) this.#endTasks(framework, executor, end);
    if (!executor.commandTask) this.#tellMaster(executor, end);
    this.settled(framework, executor);
  }

  #endTasks(framework: Framework, executor: Executor, end: ContainerEnd): void {
    const { runtime, model } = this.#context;
    const live = [...executor.launchedTasks.values()]
      .filter((task) => !isTerminal(task.state))
      .map((task) => task.task_id.value);
    this.#recordQueued(framework, executor);
    for (const taskId of [...live, ...executor.queuedTasks.keys()]) {
      this.#options.sink.fromAgent(
        agentUpdate(runtime, {
          frameworkId: framework.id,
          agentId: model.agentId ?? '',
          taskId,
          executorId: executor.id,
          ...(executor.pendingTermination ?? {
            state: 'TASK_FAILED',
            reason: end.launched ? 'REASON_EXECUTOR_TERMINATED' : 'REASON_CONTAINER_LAUNCH_FAILED',
            message: end.message,
          }),
        }),
      );
    }
  }

  /** What is told of tasks that were never handed over must be recovered as theirs, too. */
  #recordQueued({ id }: Framework, { key, checkpoint, queuedTasks }: Executor): void {
    if (!checkpoint) return;
    const { meta } = this.#context;
    for (const [taskId, task] of queuedTasks)
      checkpointFurtherTask(meta, { ...key, taskId }, stagingTask(task, id, key.agentId));
  }

  #tellMaster(
    executor: Pick<Executor, 'frameworkId' | 'id'>,
    end: Pick<ContainerEnd, 'waitStatus'>,
  ): void {
    const { model, actor } = this.#context;
    if (model.state === 'recovering') return;
    const message: ExitedExecutorMessage = {
      slave_id: { value: model.agentId ?? '' },
      framework_id: { value: executor.frameworkId },
      executor_id: { value: executor.id },
      status: end.waitStatus,
    };
    if (model.state !== 'running') this.#doubtful.set(keyOf(message), message);
    // Also while it reregisters: what it has said of the executor then is on its way already.
    if (model.master) actor.send(model.master, ExitedExecutorMessage, message);
  }

  /**
   * The master knows the agent again, maybe by what that said before an executor ended, and what was told
   * of the end may be lost: it is told again, unless another run of that executor is there by now.
   */
  tellAgain(): void {
    const { model, actor } = this.#context;
    const messages = [...this.#doubtful.values()];
    this.#doubtful.clear();
    for (const message of messages) {
      const framework = model.frameworks.get(message.framework_id.value);
      const executor = framework?.executors.get(message.executor_id.value);
      const isBack = executor && executor.state !== 'terminated';
      if (model.master && !isBack) actor.send(model.master, ExitedExecutorMessage, message);
    }
  }

  /** The master was told to expect an executor that was not started after all. */
  neverStarted(frameworkId: string, executorId: string): void {
    this.#tellMaster({ frameworkId, id: executorId }, { waitStatus: -1 });
  }

  /**
   * Removes the executor, and its framework, if nothing of them is left to tell. Of a framework that
   * is over nothing is told: executors go whose last updates nobody acknowledged.
   */
  settled(framework: Framework, executor: Executor | undefined): void {
    const over = this.#context.model.state === 'terminating' || framework.terminating;
    const settling = over ? [...framework.executors.values()] : executor ? [executor] : [];
    for (const one of settling) {
      if (one.state === 'terminated' && (over || one.idle)) this.#remove(framework, one);
    }
    if (framework.idle) this.removeFramework(framework);
  }

  #remove(framework: Framework, executor: Executor): void {
    const { meta, gc, containerizer } = this.#context;
    if (framework.executors.get(executor.id) !== executor) return;
    framework.executors.delete(executor.id);
    framework.completedExecutors.push(executor);
    // What the launcher keeps of the run may go once nothing needs it to recover.
    const lsn = executor.checkpoint ? checkpointSentinel(meta, executor.key) : 0;
    meta.journal.after(lsn, () => {
      containerizer.forget(executor.containerId);
    });
    gc.executorEnded(executor.key);
  }

  removeFramework(framework: Framework): void {
    const { model, updates, gc } = this.#context;
    if (!framework.idle || !model.frameworks.delete(framework.id)) return;
    // One that only rests here may be owed an answer about a task that never came.
    if (framework.terminating) updates.cleanup(framework.id);
    gc.frameworkEnded({ agentId: model.agentId ?? '', frameworkId: framework.id });
    model.completedFrameworks.push(framework);
    this.#options.onFrameworkRemoved();
  }
}

const keyOf = ({ framework_id, executor_id }: ExitedExecutorMessage): string =>
  `${framework_id.value} ${executor_id.value}`;
