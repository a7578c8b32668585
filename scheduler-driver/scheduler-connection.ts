import assert from 'node:assert/strict';
import { parseMasterAddress, StandaloneDetector, type MasterDetector } from '../common/detector.ts';
import {
  type Future,
  FuturePromise,
  ProtobufProcess,
  type IdGenerator,
  type Millis,
  type UPID,
} from '../libprocess/index.ts';
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
  StatusUpdateMessage,
  scheduler,
  type FrameworkInfo,
  type MasterInfo,
  type Offer,
  type StatusUpdate,
  type TaskStatus,
} from '../proto/index.ts';
import { AgentPids } from './agent-pids.ts';
import type { DriverStatus } from '../common/driver-status.ts';
import { REGISTRATION_BACKOFF_FACTOR_MS, SubscriptionBackoff } from './subscription-backoff.ts';

/** Who a framework is, and where its master. */
export interface SchedulerOptions {
  /** `host:port` of the master (an IP address), or a detector that knows who leads. */
  readonly master: string | MasterDetector;
  /**
   * Who this framework is. An empty `user` is the one that this process runs as. With an `id` it takes the place of a scheduler that was: its tasks and
   * unacknowledged updates come to this one.
   */
  readonly framework: FrameworkInfo;
  /** Roles that want no offers for now. */
  readonly suppressedRoles?: readonly string[];
  /**
   * Whether a status update is acknowledged when `statusUpdate` returns. Default: true. If not, call
   * `acknowledgeStatusUpdate` once it has been dealt with; until then it comes again.
   */
  readonly implicitAcknowledgements?: boolean;
  readonly registrationBackoffFactorMs?: Millis;
}

/**
 * The connection of a scheduler to the leading master: subscribes, and subscribes again whenever
 * master or connection change. `SchedulerProcess` adds the callbacks and calls for users; this half
 * knows the wire.
 */
export abstract class SchedulerConnection extends ProtobufProcess {
  protected frameworkInfo: FrameworkInfo;
  protected readonly agentPids = new AgentPids();
  readonly #options: SchedulerOptions;
  readonly #ended = new FuturePromise<DriverStatus>();
  #status: DriverStatus = 'DRIVER_NOT_STARTED';
  #master: UPID | undefined;
  #connected = false;
  #failover: boolean;
  #backoff: SubscriptionBackoff | undefined;
  #retry: Disposable | undefined;
  #watch: Disposable | undefined;

  constructor(id: string | IdGenerator, options: SchedulerOptions) {
    super(id);
    this.#options = options;
    this.frameworkInfo = options.framework;
    this.#failover = (options.framework.id?.value ?? '') !== '';
    this.install(FrameworkRegisteredMessage, (from, m) => {
      this.#subscribed(from, m, () => {
        this.registered(m.framework_id.value, m.master_info);
      });
    });
    this.install(FrameworkReregisteredMessage, (from, m) => {
      this.#subscribed(from, m, () => {
        this.reregistered(m.master_info);
      });
    });
    this.install(ResourceOffersMessage, (from, m) => {
      this.#whenConnected(from, () => {
        this.#offers(m);
      });
    });
    this.install(RescindResourceOfferMessage, (from, m) => {
      this.#whenConnected(from, () => {
        this.agentPids.rescinded(m.offer_id.value);
        this.offerRescinded(m.offer_id.value);
      });
    });
    this.install(StatusUpdateMessage, (from, m) => {
      this.#whenConnected(from, () => {
        this.#update(m.update);
      });
    });
    this.install(LostSlaveMessage, (from, m) => {
      this.#whenConnected(from, () => {
        this.agentPids.lost(m.slave_id.value);
        this.slaveLost(m.slave_id.value);
      });
    });
    this.install(ExitedExecutorMessage, (from, m) => {
      this.#whenConnected(from, () => {
        this.executorLost(m.executor_id.value, m.slave_id.value, m.status);
      });
    });
    this.install(ExecutorToFrameworkMessage, (_from, m) => {
      if (this.running) this.frameworkMessage(m.executor_id.value, m.slave_id.value, m.data);
    });
    this.install(FrameworkErrorMessage, (from, m) => {
      if (this.running && this.#master?.equals(from)) this.fail(m.message);
    });
  }

  // Callbacks. All of them run in turns of this process.

  /**
   * Subscribed to a master that did not know this scheduler: the first one, or another one later, with
   * the same id then, as in Mesos. `frameworkId` is worth keeping for a failover.
   */
  protected registered(_frameworkId: string, _master: MasterInfo): void {}
  /** Subscribed again to the same master, after a lost connection. */
  protected reregistered(_master: MasterInfo): void {}
  /** The master is gone; offers are void, tasks live on. Subscribing again is under way. */
  protected disconnected(): void {}
  protected resourceOffers(_offers: readonly Offer[]): void {}
  protected offerRescinded(_offerId: string): void {}
  protected statusUpdate(_status: TaskStatus): void {}
  protected frameworkMessage(_executorId: string, _agentId: string, _data: Uint8Array): void {}
  /** An agent is unreachable or was removed; its tasks are told apart. */
  protected slaveLost(_agentId: string): void {}
  /** An executor ended; `status` is as of wait(2). Its tasks are told apart. */
  protected executorLost(_executorId: string, _agentId: string, _status: number): void {}
  /** The master refuses this framework for good, or this driver cannot go on; it has aborted. */
  protected error(_message: string): void {}

  get status(): DriverStatus {
    return this.#status;
  }

  /** Ready when the driver has stopped or aborted, with which of the two. */
  join(): Future<DriverStatus> {
    return this.#ended.future;
  }

  protected get running(): boolean {
    return this.#status === 'DRIVER_RUNNING';
  }

  /** Whether the master has registered this driver and the connection to it stands. */
  get connected(): boolean {
    return this.#connected;
  }

  protected override initialize(): void {
    if (this.#status !== 'DRIVER_NOT_STARTED') return;
    const { master } = this.#options;
    const address = typeof master === 'string' ? parseMasterAddress(master) : undefined;
    if (typeof master === 'string' && !address) {
      this.#status = 'DRIVER_RUNNING';
      this.fail(`'${master}' is no address of a master: give IP:PORT`);
      return;
    }
    this.#status = 'DRIVER_RUNNING';
    // As C++ drivers do: tasks run as whoever runs the scheduler.
    if (this.frameworkInfo.user === '') {
      this.frameworkInfo = { ...this.frameworkInfo, user: this.runtime.host.user };
    }
    const detector = typeof master === 'string' ? new StandaloneDetector(address) : master;
    this.#watch = detector.watch(this.defer((leader) => this.#detected(leader)));
  }

  protected override finalize(): void {
    this.#watch?.[Symbol.dispose]();
    if (this.running) this.#status = 'DRIVER_STOPPED';
    this.#ended.set(this.#status);
  }

  #detected(leader: UPID | undefined): void {
    if (!this.running) return;
    this.#disconnect();
    this.#master = leader;
    if (leader) this.#subscribeTo(leader);
  }

  #disconnect(): void {
    this.#retry?.[Symbol.dispose]();
    if (!this.#connected) return;
    this.#connected = false;
    this.agentPids.disconnected();
    this.disconnected();
  }

  #subscribeTo(master: UPID): void {
    this.#backoff = new SubscriptionBackoff({
      factorMs: this.#options.registrationBackoffFactorMs ?? REGISTRATION_BACKOFF_FACTOR_MS,
      failoverTimeoutMs: (this.frameworkInfo.failover_timeout ?? 0) * 1_000,
      random: () => this.runtime.random.next(),
    });
    this.link(master);
    this.#subscribe(master);
  }

  #subscribe(master: UPID): void {
    if (!this.running || this.#connected || !this.#master?.equals(master)) return;
    const { id } = this.frameworkInfo;
    const known = id !== undefined && id.value !== '';
    const { suppressedRoles } = this.#options;
    this.send(master, scheduler.Call, {
      ...(known && { framework_id: id }),
      type: 'SUBSCRIBE',
      subscribe: {
        framework_info: this.frameworkInfo,
        ...(known && { force: this.#failover }),
        ...(suppressedRoles && { suppressed_roles: suppressedRoles }),
        offer_constraints: {},
      },
    });
    this.#subscribeLater(master);
  }

  #subscribeLater(master: UPID): void {
    this.#retry?.[Symbol.dispose]();
    this.#retry = this.delay(this.#backoff?.next() ?? 0, () => {
      this.link(master);
      this.#subscribe(master);
    });
  }

  /** Unlike the C++ driver, this one comes back to a master at a fixed address by itself. */
  protected override exited(upid: UPID): void {
    const master = this.#master;
    if (!this.running || !master?.equals(upid)) return;
    const wasConnected = this.#connected;
    this.#disconnect();
    if (wasConnected) {
      this.#subscribeTo(master);
    } else {
      this.#subscribeLater(master);
    }
  }

  #subscribed(
    from: UPID,
    message: FrameworkRegisteredMessage | FrameworkReregisteredMessage,
    callback: () => void,
  ): void {
    if (!this.running || this.#connected || !this.#master?.equals(from)) return;
    this.#retry?.[Symbol.dispose]();
    this.link(from); // The answer may be to a call that went by a connection which broke since.
    this.#connected = true;
    this.#failover = false;
    this.frameworkInfo = { ...this.frameworkInfo, id: message.framework_id };
    callback();
  }

  #whenConnected(from: UPID, action: () => void): void {
    if (this.running && this.#connected && this.#master?.equals(from)) action();
  }

  #offers(message: ResourceOffersMessage): void {
    const offers = message.offers ?? [];
    this.agentPids.offered(offers, message.pids ?? []);
    this.resourceOffers(offers);
  }

  #update(update: StatusUpdate): void {
    const status: TaskStatus = {
      ...update.status,
      ...(update.uuid && update.uuid.length > 0 && { uuid: update.uuid }),
      timestamp: update.timestamp,
      ...(update.slave_id && { slave_id: update.slave_id }),
      ...(update.executor_id && { executor_id: update.executor_id }),
    };
    this.statusUpdate(status);
    // Aborted in the callback: the update must come again, to whoever takes over.
    if ((this.#options.implicitAcknowledgements ?? true) && this.running) this.acknowledge(status);
  }

  /** Acknowledges if there is something to acknowledge: updates made by the master carry no UUID. */
  protected acknowledge({ uuid, slave_id, task_id }: TaskStatus): void {
    if (!uuid || !slave_id) return;
    this.call({ type: 'ACKNOWLEDGE', acknowledge: { slave_id, task_id, uuid } });
  }

  /** Sends a call to the master; dropped, and false, while there is none. */
  protected call(call: scheduler.Call): boolean {
    const { id } = this.frameworkInfo;
    const master = this.#sessionWith;
    if (!this.running || !master || !id) return false;
    this.send(master, scheduler.Call, { framework_id: id, ...call });
    return true;
  }

  /** The master shall offer nothing more. */
  protected deactivate(): void {
    const { id } = this.frameworkInfo;
    const master = this.#sessionWith;
    if (master && id) this.send(master, DeactivateFrameworkMessage, { framework_id: id });
  }

  /**
   * The master, while what is said to it belongs to this session. Once the link has ended, and `exited` waits behind
   * other messages, it would go by a new connection, ahead of the subscription: a master ends a driver for that.
   */
  get #sessionWith(): UPID | undefined {
    const master = this.#connected ? this.#master : undefined;
    return master && this.linked(master) ? master : undefined;
  }

  protected get acknowledgesImplicitly(): boolean {
    return this.#options.implicitAcknowledgements ?? true;
  }

  /** Ends the driver in `status`; the process ends after what it has sent. */
  protected end(status: 'DRIVER_STOPPED' | 'DRIVER_ABORTED'): void {
    assert(this.#status !== 'DRIVER_NOT_STARTED', 'the driver has been started');
    this.#status = status;
    this.#connected = false;
    this.#retry?.[Symbol.dispose]();
    this.#ended.set(status);
    this.node.terminate(this.self, { inject: false });
  }

  protected fail(message: string): void {
    this.error(message);
    if (this.running) this.end('DRIVER_ABORTED');
  }
}
