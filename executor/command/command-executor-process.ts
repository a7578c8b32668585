import { commandArgv, commandEnvironment, commandTask } from './command-task.ts';
import {
  NEW_COMMAND_EXECUTOR,
  resumed,
  step,
  type CommandExecutor,
  type Input,
  type Output,
  type Update,
} from './command-executor.ts';
import { decodeRecord, encodeRecord } from './command-record.ts';
import type { CommandCheckpoints, CommandRuns, RecoveredCommand } from './runs.ts';
import type { Millis } from '../../libprocess/clock.ts';
import { ProtobufProcess } from '../../libprocess/protobuf-process.ts';
import type { UPID } from '../../libprocess/upid.ts';
import {
  ExecutorRegisteredMessage,
  ExecutorReregisteredMessage,
  FrameworkToExecutorMessage,
  KillTaskMessage,
  ReconnectExecutorMessage,
  RegisterExecutorMessage,
  ReregisterExecutorMessage,
  RunTaskMessage,
  ShutdownExecutorMessage,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  type FrameworkInfo,
  type StatusUpdate,
  type TaskInfo,
  type TaskState,
} from '../../proto/index.ts';

/** What a restarted agent knows of the run that an executor before this one had. */
export interface RecoveredExecutor {
  readonly run: RecoveredCommand;
  /** The task as checkpointed. */
  readonly task: Pick<TaskInfo, 'task_id' | 'kill_policy'>;
  readonly framework: FrameworkInfo;
  /** What was saved last, if anything. */
  readonly record?: Uint8Array | undefined;
  /** States in the checkpointed stream of the task's updates. */
  readonly reported: readonly TaskState[];
}

export interface CommandExecutorOptions {
  readonly agent: UPID;
  readonly agentId: string;
  readonly frameworkId: string;
  readonly executorId: string;
  readonly containerId: string;
  readonly sandbox: string;
  /** Absent: the agent's own. */
  readonly user?: string | undefined;
  /** What the agent gives every executor; the task's own variables come on top. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the command may outlive the agent. */
  readonly checkpoint: boolean;
  readonly shutdownGracePeriodMs: Millis;
  readonly runs: CommandRuns;
  /** Absent: nothing is kept, and a kill in progress does not survive the agent. */
  readonly checkpoints?: CommandCheckpoints;
  readonly recovered?: RecoveredExecutor;
}

/**
 * The executor of one command task. It lives beside the agent and speaks with it as Mesos's own
 * command executor does over the network; its process is a shell, which outlives both. Ends itself
 * when all is told, and when the agent ends: then the command goes on, for a later agent to find.
 */
export class CommandExecutorProcess extends ProtobufProcess {
  readonly #options: CommandExecutorOptions;
  #executor: CommandExecutor;
  #task: TaskInfo | undefined;
  /** Updates that the agent has not acknowledged, oldest first. */
  readonly #unacknowledged = new Map<string, StatusUpdate>();
  /** No update of the task was ever acknowledged: the agent may not know that we have it. */
  #taskUnacknowledged = true;
  #connected: boolean;
  #wake: Disposable | undefined;
  /** Set once there is nothing to do but to have the last update acknowledged. */
  #finished = false;
  /** Shut down: whoever has no framework any more acknowledges nothing. */
  #leaving = false;
  /** Effects that wait for a record to become durable. */
  readonly #held: Output[] = [];
  #saving = false;

  constructor(options: CommandExecutorOptions) {
    super(`executor(${options.containerId})`);
    this.#options = options;
    const { recovered } = options;
    this.#connected = recovered === undefined;
    this.#executor = recovered ? resume(recovered) : NEW_COMMAND_EXECUTOR;
    this.#taskUnacknowledged = (recovered?.reported.length ?? 0) === 0;
    this.install(ExecutorRegisteredMessage, () => undefined);
    this.install(ExecutorReregisteredMessage, () => (this.#connected = true));
    this.install(ReconnectExecutorMessage, (from) => this.#reconnect(from));
    this.install(RunTaskMessage, (_, message) => this.#run(message));
    this.install(KillTaskMessage, (_, message) => this.#kill(message));
    this.install(StatusUpdateAcknowledgementMessage, (_, { uuid }) => this.#acknowledged(uuid));
    this.install(FrameworkToExecutorMessage, () => undefined); // Commands have no ears.
    this.install(ShutdownExecutorMessage, () => this.#shutdown());
  }

  protected override initialize(): void {
    const { agent, containerId, runs, recovered } = this.#options;
    this.link(agent);
    runs.onEnded(
      containerId,
      this.defer((end) => this.#step({ kind: 'ended', end })),
    );
    if (recovered) this.#step({ kind: 'recovered', run: recovered.run, nowMs: this.#nowMs });
    else this.send(agent, RegisterExecutorMessage, this.#ids);
  }

  protected override exited(): void {
    this.node.terminate(this.self);
  }

  get #ids(): RegisterExecutorMessage {
    const { frameworkId, executorId } = this.#options;
    return { framework_id: { value: frameworkId }, executor_id: { value: executorId } };
  }

  get #nowMs(): Millis {
    return this.runtime.clock.now();
  }

  #reconnect(from: UPID): void {
    const { agentId } = this.#options;
    const { task } = this.#executor;
    const known: TaskInfo[] = [];
    if (task && this.#taskUnacknowledged) {
      const slave = { value: agentId };
      known.push(
        this.#task ?? { name: task.taskId, task_id: { value: task.taskId }, slave_id: slave },
      );
    }
    this.link(from, 'reconnect');
    this.send(from, ReregisterExecutorMessage, {
      ...this.#ids,
      tasks: known,
      updates: [...this.#unacknowledged.values()],
    });
    this.#connected = true;
  }

  #run({ task, framework }: RunTaskMessage): void {
    if (this.#executor.phase !== 'idle') {
      const message = 'Attempted to run multiple tasks using a "command" executor';
      this.#update({ kind: 'update', state: 'TASK_FAILED', message }, task.task_id.value);
      return;
    }
    this.#task = task;
    this.#step({ kind: 'launch', task: commandTask(task, framework), nowMs: this.#nowMs });
  }

  #kill({ task_id, kill_policy: policy }: KillTaskMessage): void {
    if (task_id.value !== this.#executor.task?.taskId) return;
    const grace = policy?.grace_period?.nanoseconds;
    const graceMs = grace === undefined ? undefined : Number(grace) / 1e6;
    this.#step({ kind: 'kill', nowMs: this.#nowMs, graceMs });
  }

  #shutdown(): void {
    this.#leaving = true;
    const { shutdownGracePeriodMs: graceMs } = this.#options;
    this.#step({ kind: 'shutdown', nowMs: this.#nowMs, graceMs });
  }

  #acknowledged(uuid: Uint8Array): void {
    if (!this.#unacknowledged.delete(hex(uuid))) return;
    this.#taskUnacknowledged = false;
    this.#endIfDone();
  }

  #step(input: Input): void {
    const [next, outputs] = step(this.#executor, input);
    this.#executor = next;
    this.#held.push(...outputs);
    this.#carryOut();
  }

  /** In order; what follows a record waits until that is durable. */
  #carryOut(): void {
    while (!this.#saving) {
      const output = this.#held.shift();
      if (!output) return;
      this.#do(output);
    }
  }

  #do(output: Output): void {
    const { runs, containerId } = this.#options;
    switch (output.kind) {
      case 'update':
        this.#update(output, this.#executor.task?.taskId ?? '');
        break;
      case 'save':
        this.#save(encodeRecord(output.record));
        break;
      case 'start':
        this.#start();
        break;
      case 'terminate':
        runs.signal(containerId, 'SIGTERM');
        break;
      case 'destroy':
        runs.destroy(containerId);
        break;
      case 'wake':
        this.#wakeAfter(output.afterMs);
        break;
      case 'finish':
        this.#wake?.[Symbol.dispose]();
        this.delay(output.afterMs, () => {
          this.#finished = true;
          this.#endIfDone();
        });
        break;
    }
  }

  #save(record: Uint8Array): void {
    const { checkpoints, containerId, checkpoint } = this.#options;
    if (!checkpoints || !checkpoint) return;
    this.#saving = true;
    const durable = this.defer(() => {
      this.#saving = false;
      this.#carryOut();
    });
    checkpoints.save(containerId, record, durable);
  }

  #start(): void {
    const { runs, containerId, environment, sandbox, user, checkpoint } = this.#options;
    const task = this.#task;
    const argv = task && commandArgv(task);
    if (!task || !argv) {
      this.#step({ kind: 'refused', message: 'The task has no command to run' });
      return;
    }
    const started = runs.launch({
      containerId,
      argv,
      environment: commandEnvironment(task, environment),
      sandbox,
      stdout: `${sandbox}/stdout`,
      stderr: `${sandbox}/stderr`,
      ...(user !== undefined && { user }),
      checkpoint,
    });
    started.onReady(this.defer(() => this.#step({ kind: 'started', nowMs: this.#nowMs })));
    started.onFailed(
      this.defer((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        this.#step({ kind: 'refused', message });
      }),
    );
  }

  #wakeAfter(afterMs: Millis): void {
    this.#wake?.[Symbol.dispose]();
    this.#wake = this.delay(afterMs, () => this.#step({ kind: 'woken', nowMs: this.#nowMs }));
  }

  #update({ state, message, reason }: Update, taskId: string): void {
    const { agent, agentId } = this.#options;
    const uuid = uuidBytes(this.runtime.random.uuid());
    const timestamp = this.#nowMs / 1_000;
    const { framework_id, executor_id } = this.#ids;
    const slave_id = { value: agentId };
    const update: StatusUpdate = {
      framework_id,
      executor_id,
      slave_id,
      status: {
        task_id: { value: taskId },
        state,
        ...(message !== undefined && { message }),
        slave_id,
        timestamp,
        executor_id,
        source: 'SOURCE_EXECUTOR',
        ...(reason !== undefined && { reason }),
        uuid,
      },
      timestamp,
      uuid,
    };
    this.#unacknowledged.set(hex(uuid), update);
    // What is not sent now is part of the reregistration.
    if (this.#connected)
      this.send(agent, StatusUpdateMessage, { update, pid: this.self.toString() });
  }

  #endIfDone(): void {
    if (this.#finished && (this.#leaving || this.#unacknowledged.size === 0))
      this.node.terminate(this.self);
  }
}

function resume({ record, task, framework, reported }: RecoveredExecutor): CommandExecutor {
  const saved = record && decodeRecord(record);
  return resumed(saved ?? { task: commandTask(task, framework) }, reported);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function uuidBytes(uuid: string): Uint8Array {
  return Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
}
