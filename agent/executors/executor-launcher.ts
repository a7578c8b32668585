import type { ExecutorInfo, TaskInfo } from '../../proto/index.ts';
import type { AgentContext } from '../agent-context.ts';
import { Executor } from '../model/executor.ts';
import type { Framework } from '../model/framework.ts';
import { checkpointExecutor, checkpointForkedPid, checkpointTask } from '../state/checkpoint.ts';
import { runPath } from '../state/paths.ts';
import { stagingTask } from '../tasks/staging-task.ts';
import { createSandbox } from './sandbox.ts';

export const DISK_FULL = 'The disk of the agent is full: the task could not be recorded';

export interface LaunchRequest {
  readonly info: ExecutorInfo;
  readonly commandTask: boolean;
  /** The task that it is started for; its user and command matter if it is a command task. */
  readonly firstTask: TaskInfo;
}

export interface ExecutorLauncherOptions {
  /** The executor's process could not be started, and never will be. */
  readonly onLaunchFailed: (framework: Framework, executor: Executor, why: string) => void;
  /** It was started, or is about to be, but did not register in time. */
  readonly onRegistrationTimeout: (framework: Framework, executor: Executor) => void;
}

/**
 * Starts executors: sandbox, then records, then, once these are durable, the process; and waits for
 * it to register. Tasks queue meanwhile; a command task is recorded with its executor.
 */
export class ExecutorLauncher {
  readonly #context: AgentContext;
  readonly #options: ExecutorLauncherOptions;

  constructor(context: AgentContext, options: ExecutorLauncherOptions) {
    this.#context = context;
    this.#options = options;
  }

  launch(framework: Framework, request: LaunchRequest): Executor {
    const { runtime, model, flags, gc, actor } = this.#context;
    const agentId = model.agentId ?? '';
    const containerId = runtime.random.uuid();
    const executorId = request.info.executor_id.value;
    const key = { agentId, frameworkId: framework.id, executorId, containerId };
    const executor = new Executor({
      info: request.info,
      key,
      directory: `${flags.workDirectory}/${runPath(key)}`,
      commandTask: request.commandTask,
      checkpoint: framework.checkpoint,
      completedTasksMax: flags.completedTasksPerExecutorMax,
    });
    framework.executors.set(executor.id, executor);
    const free = gc.keepExecutor(key);
    if (free.isReady) this.#prepare(framework, executor, request);
    else free.onReady(actor.defer(() => this.#prepare(framework, executor, request)));
    this.awaitRegistration(framework, executor);
    return executor;
  }

  #prepare(
    framework: Framework,
    executor: Executor,
    { firstTask, commandTask }: LaunchRequest,
  ): void {
    const { actor, flags } = this.#context;
    const command = commandTask ? firstTask.command : executor.info.command;
    const user = flags.switchUser ? (command?.user ?? framework.info.user) : undefined;
    createSandbox(this.#context.runtime, { directory: executor.directory, user }).onAny(
      actor.defer((done) => {
        if (executor.state === 'terminated') return;
        if (done.isReady) this.#record(framework, executor, { firstTask, user });
        else {
          const why = `Failed to create the sandbox: ${reason(done.error)}`;
          this.#unrecorded(framework, executor, why);
        }
      }),
    );
  }

  #record(
    framework: Framework,
    executor: Executor,
    { firstTask, user }: { readonly firstTask: TaskInfo; readonly user: string | undefined },
  ): void {
    const { meta, actor, model } = this.#context;
    if (!executor.checkpoint) {
      this.#start(framework, executor, user);
      return;
    }
    if (framework.unrecorded) {
      this.#noRoom(framework, executor);
      return;
    }
    let lsn = checkpointExecutor(meta, executor.key, {
      info: executor.info,
      generatedForCommandTask: executor.commandTask,
    });
    if (executor.commandTask) {
      const task = stagingTask(firstTask, framework.id, model.agentId ?? '');
      lsn = checkpointTask(meta, { ...executor.key, taskId: task.task_id.value }, task);
    }
    meta.journal.after(
      lsn,
      actor.defer(() => {
        this.#start(framework, executor, user);
      }),
      actor.defer(() => {
        this.#noRoom(framework, executor);
      }),
    );
  }

  #start(framework: Framework, executor: Executor, user: string | undefined): void {
    const { containerizer, actor, logger } = this.#context;
    if (executor.state !== 'registering') {
      // Shut down before it began: there is no process whose end could be waited for.
      this.#failed(framework, executor, 'Shut down before it was started');
      return;
    }
    logger.info('Starting an executor', {
      executorId: executor.id,
      frameworkId: framework.id,
      containerId: executor.containerId,
    });
    containerizer.launchExecutor({ framework, executor, user }).onAny(
      actor.defer((done) => {
        if (done.isReady) this.started(executor, done.value);
        else
          this.#failed(framework, executor, `Failed to start the executor: ${reason(done.error)}`);
      }),
    );
  }

  /**
   * The process of the executor runs: for a command task the wrapper of its command, later than the
   * executor itself, which lives beside the agent and is told as undefined.
   */
  started(executor: Executor, pid: number | undefined): void {
    if (pid === undefined) return;
    executor.processId = pid;
    if (executor.checkpoint) checkpointForkedPid(this.#context.meta, executor.key, pid);
  }

  /** Its tasks have not begun, and may on another agent. */
  #noRoom(framework: Framework, executor: Executor): void {
    executor.pendingTermination ??= {
      state: framework.partitionAware ? 'TASK_DROPPED' : 'TASK_LOST',
      reason: 'REASON_CONTAINER_LAUNCH_FAILED',
      message: DISK_FULL,
    };
    this.#unrecorded(framework, executor, DISK_FULL);
  }

  /** As nothing of it is on the disk, the news of it can be told while that is full. */
  #unrecorded(framework: Framework, executor: Executor, why: string): void {
    executor.checkpoint = false;
    this.#failed(framework, executor, why);
  }

  #failed(framework: Framework, executor: Executor, why: string): void {
    if (executor.state === 'terminated') return;
    this.#options.onLaunchFailed(framework, executor, why);
  }

  awaitRegistration(framework: Framework, executor: Executor): void {
    const { actor, flags } = this.#context;
    actor.delay(flags.executorRegistrationTimeoutMs, () => {
      if (executor.state === 'registering')
        this.#options.onRegistrationTimeout(framework, executor);
    });
  }
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
