import { ProtobufProcess } from '../../libprocess/protobuf-process.ts';
import type { UPID } from '../../libprocess/upid.ts';
import {
  DeactivateFrameworkMessage,
  ExecutorToFrameworkMessage,
  ExitedExecutorMessage,
  FrameworkErrorMessage,
  FrameworkRegisteredMessage,
  FrameworkReregisteredMessage,
  LostSlaveMessage,
  RescindResourceOfferMessage,
  ResourceOffersMessage,
  scheduler,
  StatusUpdateMessage,
  type Filters,
  type FrameworkInfo,
  type FrameworkInfoCapabilityType,
  type MasterInfo,
  type Offer,
  type TaskInfo,
  type TaskState,
  type TaskStatus,
} from '../../proto/index.ts';

export interface FakeSchedulerOptions {
  readonly master: UPID;
  /** Default: a framework of its own in role `*`. */
  readonly info?: Partial<FrameworkInfo>;
  readonly capabilities?: readonly FrameworkInfoCapabilityType[];
  /** The process; two of one name do not fit on one node. */
  readonly name?: string;
}

/** Speaks a scheduler driver's part to a master, and does only what its test says. */
export class FakeScheduler extends ProtobufProcess {
  readonly #options: FakeSchedulerOptions;
  readonly registrations: MasterInfo[] = [];
  readonly reregistrations: MasterInfo[] = [];
  readonly offers: Offer[] = [];
  readonly offerMessages: ResourceOffersMessage[] = [];
  readonly rescinded: string[] = [];
  readonly updates: StatusUpdateMessage[] = [];
  readonly errors: string[] = [];
  readonly lostAgents: string[] = [];
  readonly exitedExecutors: ExitedExecutorMessage[] = [];
  readonly messages: ExecutorToFrameworkMessage[] = [];
  frameworkId: string | undefined;

  constructor(options: FakeSchedulerOptions) {
    super(options.name ?? 'scheduler-1');
    this.#options = options;
    this.frameworkId = options.info?.id?.value;
    this.install(FrameworkRegisteredMessage, (_from, { framework_id, master_info }) => {
      this.frameworkId = framework_id.value;
      this.registrations.push(master_info);
    });
    this.install(FrameworkReregisteredMessage, (_from, { master_info }) =>
      this.reregistrations.push(master_info),
    );
    this.install(ResourceOffersMessage, (_from, message) => {
      this.offerMessages.push(message);
      this.offers.push(...(message.offers ?? []));
    });
    this.install(RescindResourceOfferMessage, (_from, { offer_id }) =>
      this.rescinded.push(offer_id.value),
    );
    this.install(StatusUpdateMessage, (_from, message) => this.updates.push(message));
    this.install(FrameworkErrorMessage, (_from, { message }) => this.errors.push(message));
    this.install(LostSlaveMessage, (_from, { slave_id }) => this.lostAgents.push(slave_id.value));
    this.install(ExitedExecutorMessage, (_from, message) => this.exitedExecutors.push(message));
    this.install(ExecutorToFrameworkMessage, (_from, message) => this.messages.push(message));
  }

  get info(): FrameworkInfo {
    const { info, capabilities = ['MULTI_ROLE', 'RESERVATION_REFINEMENT'] } = this.#options;
    return {
      user: 'root',
      name: 'fake',
      ...(capabilities.includes('MULTI_ROLE') && { roles: ['*'] }),
      capabilities: capabilities.map((type) => ({ type })),
      ...info,
      ...(this.frameworkId !== undefined && { id: { value: this.frameworkId } }),
    };
  }

  /** The statuses it has been told, oldest first. */
  get statuses(): readonly TaskStatus[] {
    return this.updates.map(({ update }) => update.status);
  }

  /** The states that it has been told of one task, oldest first. */
  statesOf(task: string): readonly TaskState[] {
    return this.statuses.filter(({ task_id }) => task_id.value === task).map(({ state }) => state);
  }

  subscribe(more: Partial<scheduler.CallSubscribe> = {}): void {
    this.#send({ type: 'SUBSCRIBE', subscribe: { framework_info: this.info, ...more } });
  }

  call(call: scheduler.Call): void {
    this.#send({ framework_id: { value: this.frameworkId ?? '' }, ...call });
  }

  /** Launches on the last offer, or on those given. */
  launch(tasks: readonly TaskInfo[], offers: readonly Offer[] = this.offers.slice(-1)): void {
    this.call({
      type: 'ACCEPT',
      accept: {
        offer_ids: offers.map(({ id }) => id),
        operations: [{ type: 'LAUNCH', launch: { task_infos: tasks } }],
        filters: { refuse_seconds: 0 },
      },
    });
  }

  decline(offers: readonly Offer[] = this.offers.slice(-1), filters?: Filters): void {
    this.call({
      type: 'DECLINE',
      decline: { offer_ids: offers.map(({ id }) => id), ...(filters && { filters }) },
    });
  }

  kill(task: string, agent?: string): void {
    this.call({
      type: 'KILL',
      kill: {
        task_id: { value: task },
        ...(agent !== undefined && { slave_id: { value: agent } }),
      },
    });
  }

  /** What an aborted driver says. */
  deactivate(): void {
    this.send(this.#options.master, DeactivateFrameworkMessage, {
      framework_id: { value: this.frameworkId ?? '' },
    });
  }

  reconcile(tasks: readonly scheduler.CallReconcileTask[] = []): void {
    this.call({ type: 'RECONCILE', reconcile: { tasks } });
  }

  /** Acknowledges the last update. */
  acknowledge({ update } = this.updates.at(-1) ?? expectUpdate()): void {
    this.call({
      type: 'ACKNOWLEDGE',
      acknowledge: {
        slave_id: update.slave_id ?? { value: '' },
        task_id: update.status.task_id,
        uuid: update.uuid ?? new Uint8Array(0),
      },
    });
  }

  #send(call: scheduler.Call): void {
    this.send(this.#options.master, scheduler.Call, call);
  }
}

function expectUpdate(): never {
  throw new Error('There is an update to acknowledge');
}
