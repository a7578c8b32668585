import { Resources } from '../../common/resources.ts';
import { ProtobufProcess } from '../../libprocess/protobuf-process.ts';
import type { UPID } from '../../libprocess/upid.ts';
import {
  ExecutorToFrameworkMessage,
  ExitedExecutorMessage,
  FrameworkToExecutorMessage,
  KillTaskMessage,
  PingSlaveMessage,
  PongSlaveMessage,
  RegisterSlaveMessage,
  ReregisterSlaveMessage,
  RunTaskGroupMessage,
  RunTaskMessage,
  ShutdownExecutorMessage,
  ShutdownFrameworkMessage,
  ShutdownMessage,
  SlaveRegisteredMessage,
  SlaveReregisteredMessage,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  UnregisterSlaveMessage,
  UpdateFrameworkMessage,
  type SlaveInfo,
  type SlaveInfoCapabilityType,
  type TaskState,
  type TaskStatus,
} from '../../proto/index.ts';

const CAPABILITIES: readonly SlaveInfoCapabilityType[] = [
  'MULTI_ROLE',
  'HIERARCHICAL_ROLE',
  'RESERVATION_REFINEMENT',
];

export interface FakeAgentOptions {
  readonly master: UPID;
  readonly hostname: string;
  readonly resources?: string;
  readonly version?: string;
}

/** What a task was launched as, for the updates about it. */
interface Known {
  readonly frameworkId: string;
  readonly executorId: string | undefined;
}

/** Speaks an agent's part to a master, as its test says; only pings it answers by itself. */
export class FakeAgent extends ProtobufProcess {
  readonly #options: FakeAgentOptions;
  readonly #known = new Map<string, Known>();
  readonly runs: RunTaskMessage[] = [];
  readonly groups: RunTaskGroupMessage[] = [];
  readonly kills: KillTaskMessage[] = [];
  readonly acknowledgements: StatusUpdateAcknowledgementMessage[] = [];
  readonly shutdowns: string[] = [];
  readonly frameworkShutdowns: string[] = [];
  readonly executorShutdowns: ShutdownExecutorMessage[] = [];
  readonly frameworkUpdates: UpdateFrameworkMessage[] = [];
  readonly messages: FrameworkToExecutorMessage[] = [];
  readonly registrations: SlaveRegisteredMessage[] = [];
  readonly reregistrations: SlaveReregisteredMessage[] = [];
  readonly pings: PingSlaveMessage[] = [];
  /** Whether it answers pings. */
  answering = true;
  agentId: string | undefined;

  constructor(options: FakeAgentOptions) {
    super('slave(1)');
    this.#options = options;
    this.install(PingSlaveMessage, (from, ping) => {
      this.pings.push(ping);
      if (this.answering) this.send(from, PongSlaveMessage, {});
    });
    this.install(SlaveRegisteredMessage, (_from, message) => {
      this.agentId = message.slave_id.value;
      this.registrations.push(message);
    });
    this.install(SlaveReregisteredMessage, (_from, message) => this.reregistrations.push(message));
    this.install(RunTaskMessage, (_from, message) => this.#run(message));
    this.install(RunTaskGroupMessage, (_from, message) => this.groups.push(message));
    this.install(KillTaskMessage, (_from, message) => this.kills.push(message));
    this.install(StatusUpdateAcknowledgementMessage, (_from, message) =>
      this.acknowledgements.push(message),
    );
    this.install(ShutdownMessage, (_from, { message = '' }) => this.shutdowns.push(message));
    this.install(ShutdownFrameworkMessage, (_from, { framework_id }) =>
      this.frameworkShutdowns.push(framework_id.value),
    );
    this.install(ShutdownExecutorMessage, (_from, message) => this.executorShutdowns.push(message));
    this.install(UpdateFrameworkMessage, (_from, message) => this.frameworkUpdates.push(message));
    this.install(FrameworkToExecutorMessage, (_from, message) => this.messages.push(message));
  }

  get master(): UPID {
    return this.#options.master;
  }

  /** As it describes itself. */
  get info(): SlaveInfo {
    const { hostname, resources = 'cpus:4;mem:4096;disk:10000;ports:[31000-32000]' } =
      this.#options;
    return {
      hostname,
      port: this.self.port,
      resources: Resources.from(resources).toProtobuf(),
      checkpoint: true,
      ...(this.agentId !== undefined && { id: { value: this.agentId } }),
    };
  }

  register(info: Partial<SlaveInfo> = {}, message: Partial<RegisterSlaveMessage> = {}): void {
    this.send(this.master, RegisterSlaveMessage, {
      slave: { ...this.info, ...info },
      version: this.#options.version ?? '1.12.0',
      agent_capabilities: CAPABILITIES.map((type) => ({ type })),
      resource_version_uuid: { value: new Uint8Array(16).fill(7) },
      ...message,
    });
  }

  reregister(message: Partial<ReregisterSlaveMessage> = {}): void {
    this.send(this.master, ReregisterSlaveMessage, {
      slave: this.info,
      version: this.#options.version ?? '1.12.0',
      agent_capabilities: CAPABILITIES.map((type) => ({ type })),
      resource_version_uuid: { value: new Uint8Array(16).fill(8) },
      ...message,
    });
  }

  unregister(): void {
    this.send(this.master, UnregisterSlaveMessage, { slave_id: { value: this.agentId ?? '' } });
  }

  /** Sends an update of a task that it was told to run; `uuid` is made of `ordinal`. */
  update(task: string, state: TaskState, { ordinal = 1, ...more }: UpdateOptions = {}): void {
    const known = this.#known.get(task);
    const slaveId = { value: this.agentId ?? '' };
    const executorId = { value: known?.executorId ?? task };
    const uuid = new Uint8Array(16).fill(ordinal);
    const timestamp = 1;
    this.send(this.master, StatusUpdateMessage, {
      pid: this.self.toString(),
      update: {
        framework_id: { value: known?.frameworkId ?? more.frameworkId ?? '' },
        executor_id: executorId,
        slave_id: slaveId,
        timestamp,
        uuid,
        latest_state: more.latestState ?? state,
        status: {
          task_id: { value: task },
          state,
          slave_id: slaveId,
          executor_id: executorId,
          source: 'SOURCE_EXECUTOR',
          timestamp,
          uuid,
          ...more.status,
        },
      },
    });
  }

  executorExited(frameworkId: string, executorId: string, status = 0): void {
    this.send(this.master, ExitedExecutorMessage, {
      slave_id: { value: this.agentId ?? '' },
      framework_id: { value: frameworkId },
      executor_id: { value: executorId },
      status,
    });
  }

  sendToFramework(frameworkId: string, executorId: string, data: Uint8Array): void {
    this.send(this.master, ExecutorToFrameworkMessage, {
      slave_id: { value: this.agentId ?? '' },
      framework_id: { value: frameworkId },
      executor_id: { value: executorId },
      data,
    });
  }

  #run(message: RunTaskMessage): void {
    this.runs.push(message);
    this.#known.set(message.task.task_id.value, {
      frameworkId: message.framework.id?.value ?? '',
      executorId: message.task.executor?.executor_id.value,
    });
  }
}

export interface UpdateOptions {
  readonly ordinal?: number;
  readonly latestState?: TaskState;
  readonly frameworkId?: string;
  readonly status?: Partial<TaskStatus>;
}
