import assert from 'node:assert/strict';
import type { DriverStatus } from '../common/driver-status.ts';
import {
  Future,
  FuturePromise,
  ProtobufProcess,
  type Millis,
  type ProcessManager,
  type UPID,
} from '../libprocess/index.ts';
import {
  ExecutorRegisteredMessage,
  ExecutorReregisteredMessage,
  ExecutorToFrameworkMessage,
  FrameworkToExecutorMessage,
  KillTaskMessage,
  ReconnectExecutorMessage,
  RegisterExecutorMessage,
  ReregisterExecutorMessage,
  RunTaskMessage,
  ShutdownExecutorMessage,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  type ExecutorInfo,
  type FrameworkInfo,
  type SlaveInfo,
  type StatusUpdate,
  type TaskInfo,
  type TaskStatus,
} from '../proto/index.ts';
import { readEnvironment, type ExecutorEnvironment } from './environment.ts';

/** How long after a lost connection the executor asks its agent to take it back. */
const REREGISTER_MS_MIN: Millis = 100;
/** The wait doubles up to this. */
const REREGISTER_MS_MAX: Millis = 2_000;

/** What a task's executor says of it; ids, times and UUID are added by the driver. */
export type TaskReport = Pick<TaskStatus, 'task_id' | 'state'> & Partial<TaskStatus>;

/**
 * An executor: subclass it, override the callbacks, and `run` it in a process that an agent
 * started. Updates are kept until the agent has them; a restarted agent gets them again.
 */
export abstract class ExecutorProcess extends ProtobufProcess {
  readonly #updates = new Map<string, StatusUpdate>();
  /** Received, and none of its updates acknowledged yet: a recovering agent may not know of it. */
  readonly #tasks = new Map<string, TaskInfo>();
  readonly #ended = new FuturePromise<DriverStatus>();
  readonly #given: ExecutorEnvironment | undefined;
  #environment: ExecutorEnvironment | undefined;
  #agent: UPID | undefined;
  #status: DriverStatus = 'DRIVER_NOT_STARTED';
  #connected = false;
  #everConnected = false;
  /** Whether what is sent now follows what was sent before: else it waits to be told in one with that. */
  #inOrder = true;
  #recovery: Disposable | undefined;
  #retry: Disposable | undefined;
  #retryMs: Millis = REREGISTER_MS_MIN;

  /** @param environment what the agent told; read from `MESOS_*` variables if absent. */
  constructor(environment?: ExecutorEnvironment) {
    super((node) => node.generateId('executor'));
    this.#given = environment;
    this.install(ExecutorRegisteredMessage, (from, m) => {
      this.#fromAgent(from, () => {
        this.#registered(() => {
          this.registered(m.executor_info, m.framework_info, m.slave_info);
        });
      });
    });
    this.install(ExecutorReregisteredMessage, (from, m) => {
      this.#fromAgent(from, () => {
        this.#registered(() => {
          this.reregistered(m.slave_info);
        });
      });
    });
    this.install(ReconnectExecutorMessage, (from, m) => {
      this.#reconnect(from, m.slave_id.value);
    });
    this.install(RunTaskMessage, (from, m) => {
      this.#fromAgent(from, () => {
        this.#run(m.task);
      });
    });
    this.install(KillTaskMessage, (from, m) => {
      this.#fromAgent(from, () => {
        this.killTask(m.task_id.value, m);
      });
    });
    this.install(StatusUpdateAcknowledgementMessage, (from, m) => {
      this.#fromAgent(from, () => {
        this.#acknowledged(m);
      });
    });
    this.install(FrameworkToExecutorMessage, (from, m) => {
      this.#fromAgent(from, () => {
        if (this.#connected) this.frameworkMessage(m.data);
      });
    });
    this.install(ShutdownExecutorMessage, (from) => {
      this.#fromAgent(from, () => {
        this.#shutdown();
      });
    });
  }

  /** Nobody else has tasks for it, or may end them. */
  #fromAgent(from: UPID, action: () => void): void {
    if (this.running && this.#agent?.equals(from) === true) action();
  }

  // Callbacks. All of them run in turns of this process.

  protected registered(
    _executor: ExecutorInfo,
    _framework: FrameworkInfo,
    _agent: SlaveInfo,
  ): void {}
  /** A restarted agent has taken this executor back. */
  protected reregistered(_agent: SlaveInfo): void {}
  /** The agent is gone; tasks go on, updates are kept for its return. */
  protected disconnected(): void {}
  protected abstract launchTask(task: TaskInfo): void;
  protected killTask(_taskId: string, _message: KillTaskMessage): void {}
  protected frameworkMessage(_data: Uint8Array): void {}
  /** End all tasks now: what still runs after the grace period is killed with the sandbox. */
  protected shutdown(): void {}
  protected error(_message: string): void {}

  get status(): DriverStatus {
    return this.#status;
  }

  protected get running(): boolean {
    return this.#status === 'DRIVER_RUNNING';
  }

  /** What the agent told. */
  protected get environment(): ExecutorEnvironment {
    assert(this.#environment, 'the driver has started');
    return this.#environment;
  }

  /** Ready when the driver has stopped or aborted, with which of the two. */
  join(): Future<DriverStatus> {
    return this.#ended.future;
  }

  /** Starts on `node`, or on one of its own. Ready when stopped or aborted. */
  run(node?: ProcessManager): Future<DriverStatus> {
    if (node) {
      node.spawn(this);
      return this.join();
    }
    // Loaded late: simulated runs must not bring real sockets along.
    return Future.from(import('../libprocess/node/own-node.ts')).then(({ withOwnNode }) =>
      withOwnNode((own) => this.run(own)),
    );
  }

  /** Ends the driver after what it has sent. The agent ends whatever tasks are left. */
  stop(): void {
    if (this.#status !== 'DRIVER_NOT_STARTED') this.#end('DRIVER_STOPPED');
  }

  /** Ends the driver at once: no callback follows. */
  abort(): void {
    if (this.running) this.#end('DRIVER_ABORTED');
  }

  /** Tells the framework of a task. Sent again until the agent has recorded it. */
  sendStatusUpdate(report: TaskReport): void {
    if (!this.running) return;
    assert(report.state !== 'TASK_STAGING', 'executors do not send TASK_STAGING');
    const { agentId, frameworkId, executorId } = this.environment;
    const uuid = this.runtime.random.bytes(16);
    const timestamp = this.runtime.clock.now() / 1_000;
    const slave_id = { value: agentId };
    const update: StatusUpdate = {
      framework_id: { value: frameworkId },
      executor_id: { value: executorId },
      slave_id,
      status: { ...report, slave_id, timestamp, uuid },
      timestamp,
      uuid,
    };
    this.#updates.set(key(uuid), update);
    this.#send(update);
  }

  /** To the framework's scheduler. At most once. */
  sendFrameworkMessage(data: Uint8Array): void {
    if (!this.running || !this.#agent) return;
    const { agentId, frameworkId, executorId } = this.environment;
    this.send(this.#agent, ExecutorToFrameworkMessage, {
      slave_id: { value: agentId },
      framework_id: { value: frameworkId },
      executor_id: { value: executorId },
      data,
    });
  }

  /**
   * One that was sent before may have been lost with the connection: nothing passes it. All that the agent
   * has not recorded goes to it, in order, when it is asked to take the executor back.
   */
  #send(update: StatusUpdate): void {
    if (!this.#agent || !this.#inOrder || !this.linked(this.#agent)) return;
    this.send(this.#agent, StatusUpdateMessage, { update, pid: this.self.toString() });
  }

  protected override initialize(): void {
    try {
      this.#environment = this.#given ?? readEnvironment(this.runtime.host.environment());
    } catch (cause) {
      this.#status = 'DRIVER_RUNNING';
      this.error(cause instanceof Error ? cause.message : String(cause));
      this.#end('DRIVER_ABORTED');
      return;
    }
    this.#status = 'DRIVER_RUNNING';
    const { agent, frameworkId, executorId } = this.#environment;
    this.#agent = agent;
    this.link(agent);
    this.send(agent, RegisterExecutorMessage, {
      framework_id: { value: frameworkId },
      executor_id: { value: executorId },
    });
  }

  protected override finalize(): void {
    if (this.running) this.#status = 'DRIVER_STOPPED';
    this.#ended.set(this.#status);
  }

  #registered(callback: () => void): void {
    if (!this.running || !this.#agent) return;
    // What it answers may have come by a connection that broke since: that will be heard of.
    if (!this.linked(this.#agent)) this.#inOrder = false;
    this.link(this.#agent);
    this.#connected = this.#everConnected = true;
    this.#retryMs = REREGISTER_MS_MIN;
    this.#recovery?.[Symbol.dispose]();
    this.#retry?.[Symbol.dispose]();
    callback();
  }

  /** A restarted agent may listen elsewhere, but on the same machine and under the same id. */
  #reconnect(from: UPID, agentId: string): void {
    if (!this.running || agentId !== this.environment.agentId) return;
    if (from.ip !== this.#agent?.ip) return;
    this.#agent = from;
    this.link(from, 'reconnect');
    this.#reregister();
  }

  #reregister(): void {
    const { frameworkId, executorId } = this.environment;
    if (!this.#agent) return;
    this.#inOrder = true;
    this.send(this.#agent, ReregisterExecutorMessage, {
      executor_id: { value: executorId },
      framework_id: { value: frameworkId },
      tasks: [...this.#tasks.values()],
      updates: [...this.#updates.values()],
    });
  }

  #run(task: TaskInfo): void {
    if (!this.running || !this.#connected) return;
    if (this.#tasks.has(task.task_id.value)) return;
    this.#tasks.set(task.task_id.value, task);
    this.launchTask(task);
  }

  #acknowledged({ uuid, task_id }: StatusUpdateAcknowledgementMessage): void {
    if (this.#updates.delete(key(uuid))) this.#tasks.delete(task_id.value);
  }

  /**
   * The agent is gone, or only the connection. With checkpointing the executor asks to be taken back
   * until the recovery timeout; C++ executors wait to be asked.
   */
  protected override exited(upid: UPID): void {
    if (!this.running || !this.#agent?.equals(upid)) return;
    this.#inOrder = false;
    const { checkpoint, recoveryTimeoutMs } = this.environment;
    if (!checkpoint || !this.#everConnected) {
      this.#connected = false;
      this.#shutdown();
      return;
    }
    if (this.#connected) {
      this.#connected = false;
      this.#recovery = this.delay(recoveryTimeoutMs, () => {
        this.#shutdown();
      });
      this.disconnected();
    }
    this.#retryMs = Math.min(this.#retryMs * 2, REREGISTER_MS_MAX);
    this.#retry?.[Symbol.dispose]();
    this.#retry = this.delay(this.#retryMs, () => {
      if (this.#connected || !this.#agent) return;
      this.link(this.#agent);
      this.#reregister();
    });
  }

  #shutdown(): void {
    if (!this.running) return;
    this.shutdown();
    this.#end('DRIVER_ABORTED');
  }

  #end(status: 'DRIVER_STOPPED' | 'DRIVER_ABORTED'): void {
    if (this.#status === 'DRIVER_STOPPED') return;
    this.#status = status;
    this.#connected = false;
    this.#ended.set(status);
    this.node.terminate(this.self, { inject: false });
  }
}

function key(uuid: Uint8Array): string {
  return Buffer.from(uuid).toString('hex');
}
