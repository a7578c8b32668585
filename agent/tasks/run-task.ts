import { idProblem } from '../../common/validation.ts';
import { NULL_UPID, UPID } from '../../libprocess/index.ts';
import type {
  ExecutorInfo,
  RunTaskGroupMessage,
  RunTaskMessage,
  TaskInfo,
  TaskState,
  TaskStatusReason,
} from '../../proto/index.ts';
import type { AgentContext } from '../agent-context.ts';
import { commandExecutorInfo } from '../executors/command-executor-info.ts';
import type { ExecutorExit } from '../executors/executor-exit.ts';
import type { ExecutorLauncher } from '../executors/executor-launcher.ts';
import type { TaskDelivery } from './task-delivery.ts';
import type { Executor } from '../model/executor.ts';
import { Framework } from '../model/framework.ts';
import { checkpointFramework } from '../state/checkpoint.ts';
import { agentUpdate } from './agent-update.ts';
import { unsupported } from './unsupported.ts';
import type { UpdateSink } from './update-sink.ts';

/** Why a task is not run, as its framework is told. */
export interface Refusal {
  readonly state: TaskState;
  readonly reason: TaskStatusReason;
  readonly message: string;
}

/** One task, or a group with its executor. */
interface RefusedLaunch {
  readonly tasks: readonly TaskInfo[];
  readonly executor?: ExecutorInfo;
  /** The master counts on a new executor. */
  readonly launch_executor?: boolean;
}

export interface RunTaskParts {
  readonly launcher: ExecutorLauncher;
  readonly delivery: TaskDelivery;
  readonly exit: ExecutorExit;
  readonly sink: UpdateSink;
}

/**
 * Takes tasks from the master: finds or starts their executor and hands them over, or tells the
 * framework why not. Tasks of one executor keep the order in which the master sent them.
 */
export class RunTask {
  readonly #context: AgentContext;
  readonly #parts: RunTaskParts;

  constructor(context: AgentContext, parts: RunTaskParts) {
    this.#context = context;
    this.#parts = parts;
  }

  run(from: UPID, message: RunTaskMessage): void {
    const { task } = message;
    const frameworkId = message.framework.id?.value ?? message.framework_id?.value;
    if (!this.#admitted(from, { frameworkId, tasks: [task] })) return;
    const framework = this.#framework(frameworkId ?? '', message);
    if (framework.terminating) return; // Its tasks are being ended; this one has not begun.
    if (framework.knows(task.task_id.value)) {
      // Whatever were said of this one now would be taken for the other.
      this.#context.logger.warn('Ignored a task under the id of another that has not ended', {
        taskId: task.task_id.value,
      });
      framework.tasksInTheWay.set(task.task_id.value, task);
      this.#giveBack(framework, message);
      return;
    }
    const refusal = this.#refusal(framework, message);
    if (refusal) this.#refuse(framework, { ...message, tasks: [task] }, refusal);
    else this.#place(framework, task);
  }

  /** The master charges for an executor that does not start after all. */
  #giveBack(framework: Framework, { task: { executor }, launch_executor }: RunTaskMessage): void {
    const id = executor?.executor_id.value;
    if (id === undefined || launch_executor !== true) return;
    const state = framework.executors.get(id)?.state;
    if (state === 'registering' || state === 'running') return;
    this.#parts.exit.neverStarted(framework.id, id);
  }

  /** A task has been told to have ended: now it can be said that another of its id has not begun. */
  settled(framework: Framework, taskId: string): void {
    const task = framework.tasksInTheWay.get(taskId);
    framework.tasksInTheWay.delete(taskId);
    if (!task || framework.terminating) return;
    const refusal: Refusal = {
      state: framework.partitionAware ? 'TASK_DROPPED' : 'TASK_LOST',
      reason: 'REASON_TASK_INVALID',
      message: 'Another task of its id had not been told to have ended when it came',
    };
    this.#refuse(framework, { tasks: [task] }, refusal);
  }

  /** Groups belong to the default executor, which this agent has not. */
  runGroup(from: UPID, message: RunTaskGroupMessage): void {
    const frameworkId = message.framework.id?.value;
    const all = message.task_group.tasks ?? [];
    if (!this.#admitted(from, { frameworkId, tasks: all })) return;
    const framework = this.#framework(frameworkId ?? '', message);
    if (framework.terminating) return;
    const tasks = all.filter(({ task_id }) => !framework.knows(task_id.value));
    const refusal: Refusal = {
      state: 'TASK_ERROR',
      reason: 'REASON_TASK_GROUP_INVALID',
      message: 'This agent does not support task groups',
    };
    this.#refuse(framework, { ...message, tasks }, refusal);
  }

  #admitted(
    from: UPID,
    { frameworkId, tasks }: { frameworkId: string | undefined; tasks: readonly TaskInfo[] },
  ): boolean {
    const { model, logger } = this.#context;
    if (model.state !== 'running' && model.state !== 'disconnected') return false;
    if (!model.master?.equals(from)) {
      logger.warn('Ignored a task from a master that does not lead', { from: from.toString() });
      return false;
    }
    if (tasks.some(({ slave_id }) => slave_id.value !== model.agentId)) {
      logger.warn('Ignored a task for another agent', { frameworkId });
      return false;
    }
    const problem = idProblem(frameworkId ?? '');
    if (problem === undefined) return true;
    logger.warn('Ignored a task of a framework whose id can be none', { problem });
    return false;
  }

  #framework(
    id: string,
    { framework: info, pid }: Pick<RunTaskMessage, 'framework' | 'pid'>,
  ): Framework {
    const { model, flags, gc } = this.#context;
    const known = model.frameworks.get(id);
    if (known) {
      if (known.unrecorded) this.#record(known);
      return known;
    }
    const framework = new Framework({
      id,
      info,
      pid: pid === undefined ? undefined : UPID.parse(pid),
      checkpoint: flags.checkpoint && (info.checkpoint ?? false),
      completedExecutorsMax: flags.completedExecutorsPerFrameworkMax,
    });
    for (const taskId of model.strayTasks.get(id) ?? []) framework.untoldTasks.add(taskId);
    model.strayTasks.delete(id);
    // Back after it had nothing here: what it did before is shown with it.
    const former = model.completedFrameworks.take((completed) => completed.id === id);
    for (const executor of former?.completedExecutors.items() ?? []) {
      framework.completedExecutors.push(executor);
    }
    model.frameworks.set(id, framework);
    if (framework.checkpoint) this.#record(framework);
    gc.keepFramework({ agentId: model.agentId ?? '', frameworkId: id });
    return framework;
  }

  #record(framework: Framework): void {
    const { model, meta } = this.#context;
    const { id, info, pid } = framework;
    const key = { agentId: model.agentId ?? '', frameworkId: id };
    framework.unrecorded = false;
    meta.journal.after(
      checkpointFramework(meta, key, { info, pid: (pid ?? NULL_UPID).toString() }),
      () => undefined,
      () => (framework.unrecorded = true),
    );
  }

  #refusal(framework: Framework, message: RunTaskMessage): Refusal | undefined {
    const { flags, model } = this.#context;
    const aware = framework.partitionAware;
    const dropped = aware ? 'TASK_DROPPED' : 'TASK_LOST';
    if (!flags.checkpoint && (framework.info.checkpoint ?? false)) {
      return {
        state: 'TASK_ERROR',
        reason: 'REASON_TASK_INVALID',
        message:
          'The framework asks for checkpointing, but this agent was started with --no-checkpoint',
      };
    }
    // Ids become names of directories, whatever the master has let through.
    const badId = idProblem(message.task.task_id.value) ?? idProblem(executorIdOf(message.task));
    if (badId !== undefined) {
      return { state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message: badId };
    }
    const missing = unsupported(message.task);
    if (missing !== undefined) {
      return {
        state: 'TASK_ERROR',
        reason: 'REASON_TASK_INVALID',
        message: `This agent does not support ${missing}`,
      };
    }
    const version = message.resource_version_uuids?.find((each) => !each.resource_provider_id);
    if (version && !Buffer.from(version.uuid.value).equals(model.resourceVersion)) {
      return {
        state: dropped,
        reason: 'REASON_INVALID_OFFERS',
        message: 'The resources of the agent have changed since they were offered',
      };
    }
    const executor = framework.executors.get(executorIdOf(message.task));
    if (executor && executor.state !== 'registering' && executor.state !== 'running') {
      return {
        state: dropped,
        reason: 'REASON_EXECUTOR_TERMINATED',
        message: `Executor '${executor.id}' is ${executor.state}`,
      };
    }
    if (!executor && message.task.executor && message.launch_executor === false) {
      return {
        state: dropped,
        reason: 'REASON_EXECUTOR_TERMINATED',
        message: 'No executor is expected to launch and there is none running',
      };
    }
    if (executor && !message.task.executor) {
      return {
        state: dropped,
        reason: 'REASON_TASK_INVALID',
        message: `An executor '${executor.id}' runs already, and command tasks share none`,
      };
    }
    return undefined;
  }

  #refuse(framework: Framework, refused: RefusedLaunch, refusal: Refusal): void {
    const { runtime, model, logger } = this.#context;
    for (const task of refused.tasks) {
      logger.warn('Refused a task', { taskId: task.task_id.value, ...refusal });
      const executor = task.executor ?? refused.executor;
      this.#parts.sink.fromAgent(
        agentUpdate(runtime, {
          frameworkId: framework.id,
          agentId: model.agentId ?? '',
          taskId: task.task_id.value,
          ...(executor && { executorId: executor.executor_id.value }),
          ...refusal,
        }),
      );
    }
    const executor = refused.executor ?? refused.tasks[0]?.executor;
    if (executor && refused.launch_executor === true) {
      this.#parts.exit.neverStarted(framework.id, executor.executor_id.value);
    }
    this.#parts.exit.settled(framework, undefined);
  }

  #place(framework: Framework, task: TaskInfo): void {
    const executor = framework.executors.get(executorIdOf(task)) ?? this.#start(framework, task);
    if (executor.state === 'running') this.#parts.delivery.deliver(framework, executor, [task]);
    else executor.queuedTasks.set(task.task_id.value, task);
  }

  #start(framework: Framework, task: TaskInfo): Executor {
    const info = task.executor ?? commandExecutorInfo(task, framework.id);
    return this.#parts.launcher.launch(framework, {
      info: { ...info, framework_id: { value: framework.id } },
      commandTask: task.executor === undefined,
      firstTask: task,
    });
  }
}

/** The executor that a task goes to: its own, or one named after it. */
export function executorIdOf(task: TaskInfo): string {
  return task.executor?.executor_id.value ?? task.task_id.value;
}
