import { Future, type ProcessManager } from '../libprocess/index.ts';
import {
  FrameworkToExecutorMessage,
  type Filters,
  type KillPolicy,
  type OfferOperation,
  type Request,
  type TaskInfo,
  type TaskStatus,
} from '../proto/index.ts';
import type { DriverStatus } from '../common/driver-status.ts';
import { SchedulerConnection, type SchedulerOptions } from './scheduler-connection.ts';

/** A task to reconcile; with the agent if it is known, so that the answer can be exact. */
export interface TaskQuery {
  readonly taskId: string;
  readonly agentId?: string;
}

/**
 * A framework's scheduler: subclass it, override the callbacks, call the calls, and `run` it.
 *
 * ```ts
 * class Hello extends SchedulerProcess {
 *   override resourceOffers(offers: readonly Offer[]) {
 *     for (const offer of offers) this.declineOffer(offer.id.value);
 *   }
 * }
 * await new Hello({ master: '127.0.0.1:5050', framework: { user: '', name: 'hello' } }).run();
 * ```
 *
 * Calls made while no master is there are dropped, except launches: each task of these is answered
 * by a TASK_LOST (TASK_DROPPED if PARTITION_AWARE) of reason REASON_MASTER_DISCONNECTED.
 */
export abstract class SchedulerProcess extends SchedulerConnection {
  constructor(options: SchedulerOptions & { readonly id?: string }) {
    super(options.id ?? ((node) => `scheduler-${node.runtime.random.uuid()}`), options);
  }

  /** Undefined until registered, unless one was given. */
  get frameworkId(): string | undefined {
    return this.frameworkInfo.id?.value;
  }

  /**
   * Starts on `node`, or on one of its own, which listens on a free port of the loopback address
   * (`LIBPROCESS_IP` and `LIBPROCESS_PORT` say otherwise) and closes at the end. Ready when stopped
   * or aborted.
   */
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

  /**
   * Ends the driver. The master ends the framework and its tasks, unless `failover`: then it keeps
   * them for the framework's `failover_timeout`, for a scheduler with the same id.
   */
  stop(options: { readonly failover?: boolean } = {}): void {
    if (this.status !== 'DRIVER_RUNNING' && this.status !== 'DRIVER_ABORTED') return;
    if (!(options.failover ?? false)) this.call({ type: 'TEARDOWN' });
    this.end('DRIVER_STOPPED');
  }

  /** Ends the driver at once: no callback follows, the master offers nothing more, tasks live on. */
  abort(): void {
    if (!this.running) return;
    this.deactivate();
    this.end('DRIVER_ABORTED');
  }

  /** Launches tasks on offers of one agent and role; what is left over is declined with `filters`. */
  launchTasks(
    offerIds: string | readonly string[],
    tasks: readonly TaskInfo[],
    filters?: Filters,
  ): void {
    const launch = tasks.length > 0 && { launch: { task_infos: tasks } };
    const operation: OfferOperation = { type: 'LAUNCH', ...launch };
    this.acceptOffers(offerIds, [operation], filters);
  }

  acceptOffers(
    offerIds: string | readonly string[],
    operations: readonly OfferOperation[],
    filters?: Filters,
  ): void {
    const ids = [offerIds].flat();
    const launched = operations.some((operation) => operation.type === 'LAUNCH');
    for (const id of ids) this.agentPids.answered(id, launched);
    const sent = this.call({
      type: 'ACCEPT',
      accept: {
        offer_ids: ids.map((value) => ({ value })),
        operations,
        filters: filters ?? {},
      },
    });
    if (!sent && this.running) this.#dropLaunches(operations);
  }

  #dropLaunches(operations: readonly OfferOperation[]): void {
    const aware = this.frameworkInfo.capabilities?.some(({ type }) => type === 'PARTITION_AWARE');
    const timestamp = this.runtime.clock.now() / 1_000;
    for (const task of operations.flatMap((operation) => operation.launch?.task_infos ?? [])) {
      const dropped: TaskStatus = {
        task_id: task.task_id,
        state: aware === true ? 'TASK_DROPPED' : 'TASK_LOST',
        source: 'SOURCE_MASTER',
        reason: 'REASON_MASTER_DISCONNECTED',
        message: 'Master disconnected',
        slave_id: task.slave_id,
        timestamp,
      };
      this.defer(() => {
        if (this.running) this.statusUpdate(dropped);
      })();
    }
  }

  /** Declines offers; the refused resources are not offered again for `filters.refuse_seconds`. */
  declineOffer(offerIds: string | readonly string[], filters?: Filters): void {
    const ids = [offerIds].flat();
    for (const id of ids) this.agentPids.answered(id, false);
    this.call({
      type: 'DECLINE',
      decline: { offer_ids: ids.map((value) => ({ value })), filters: filters ?? {} },
    });
  }

  /** Lifts all filters and suppression, of all roles or of those named. */
  reviveOffers(roles: readonly string[] = []): void {
    this.call({ type: 'REVIVE', revive: { roles } });
  }

  /** No offers until `reviveOffers`, for all roles or for those named. */
  suppressOffers(roles: readonly string[] = []): void {
    this.call({ type: 'SUPPRESS', suppress: { roles } });
  }

  killTask(taskId: string, options: { agentId?: string; killPolicy?: KillPolicy } = {}): void {
    this.call({
      type: 'KILL',
      kill: {
        task_id: { value: taskId },
        ...(options.agentId !== undefined && { slave_id: { value: options.agentId } }),
        ...(options.killPolicy && { kill_policy: options.killPolicy }),
      },
    });
  }

  /** For drivers with `implicitAcknowledgements: false` only. */
  acknowledgeStatusUpdate(status: TaskStatus): void {
    if (!this.acknowledgesImplicitly) this.acknowledge(status);
  }

  /** Asks for the state of some tasks, or with an empty list of all that have not ended. */
  reconcileTasks(tasks: readonly TaskQuery[]): void {
    this.call({
      type: 'RECONCILE',
      reconcile: {
        tasks: tasks.map(({ taskId, agentId }) => ({
          task_id: { value: taskId },
          ...(agentId !== undefined && { slave_id: { value: agentId } }),
        })),
      },
    });
  }

  requestResources(requests: readonly Request[]): void {
    this.call({ type: 'REQUEST', request: { requests } });
  }

  /** At most once; directly to the agent where its address is known, else by way of the master. */
  sendFrameworkMessage(executorId: string, agentId: string, data: Uint8Array): void {
    const { id } = this.frameworkInfo;
    const agent = this.agentPids.of(agentId);
    const executor_id = { value: executorId };
    const slave_id = { value: agentId };
    if (agent && id && this.connected) {
      this.send(agent, FrameworkToExecutorMessage, {
        slave_id,
        framework_id: id,
        executor_id,
        data,
      });
    } else {
      this.call({ type: 'MESSAGE', message: { slave_id, executor_id, data } });
    }
  }

  /** Ends an executor and with it all its tasks. */
  shutdownExecutor(executorId: string, agentId: string): void {
    this.call({
      type: 'SHUTDOWN',
      shutdown: { executor_id: { value: executorId }, slave_id: { value: agentId } },
    });
  }
}
