import { dispatch, tell } from '../libprocess/dispatch.ts';
import type { Future } from '../libprocess/future.ts';
import { serviceUnavailable } from '../libprocess/http/responses.ts';
import type { MessageType } from '../libprocess/message.ts';
import type { PID } from '../libprocess/pid.ts';
import { ProtobufProcess } from '../libprocess/protobuf-process.ts';
import type { UPID } from '../libprocess/upid.ts';
import {
  DeactivateFrameworkMessage,
  ExecutorToFrameworkMessage,
  ExitedExecutorMessage,
  FrameworkToExecutorMessage,
  KillTaskMessage,
  LaunchTasksMessage,
  ReconcileTasksMessage,
  RegisterFrameworkMessage,
  RegisterSlaveMessage,
  ReregisterFrameworkMessage,
  ReregisterSlaveMessage,
  ResourceRequestMessage,
  ReviveOffersMessage,
  scheduler,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  UnregisterFrameworkMessage,
  UnregisterSlaveMessage,
  UpdateSlaveMessage,
  type Registry,
} from '../proto/index.ts';
import { AgentObserverProcess } from './agents/agent-observer-process.ts';
import { disconnectAgent } from './agents/disconnect.ts';
import { registerAgent } from './agents/register.ts';
import { keepRegistrySmall } from './agents/registry-gc.ts';
import { RemovalQueue } from './agents/removal-queue.ts';
import { unregisterAgent } from './agents/remove.ts';
import { reregisterAgent } from './agents/reregister.ts';
import { markUnreachableSoon } from './agents/unreachable.ts';
import { updateAgent } from './agents/update-agent.ts';
import type { Allocator } from './allocator/allocator.ts';
import { AllocatorProcess } from './allocator/allocator-process.ts';
import type { Contender } from './election/contender.ts';
import type { MasterFlags } from './flags.ts';
import { receiveCall } from './frameworks/calls.ts';
import {
  deactivateFramework,
  disconnectFramework,
  removeFramework,
} from './frameworks/framework-lifecycle.ts';
import {
  asCaller,
  launchTasksMessage,
  registerFramework,
  reregisterFramework,
} from './frameworks/legacy-messages.ts';
import { reviveOffers } from './frameworks/update-framework.ts';
import { MASTER_ROUTES, type MasterRoute } from './http/routes.ts';
import type { MasterTimes } from './http/state-json.ts';
import type { AllocatorPort, MasterContext } from './master-context.ts';
import { masterInfo } from './master-info.ts';
import { MasterMetrics } from './metrics.ts';
import { MasterSnapshot } from './metrics-snapshot.ts';
import { makeOffers } from './offers/make-offers.ts';
import { enterRegistry } from './recovery.ts';
import type { Outcome, RegistryOperation } from './registrar/operations.ts';
import { RegistrarProcess } from './registrar/registrar-process.ts';
import type { Storage } from './registrar/storage.ts';
import type { Agent } from './state/agent.ts';
import type { Framework } from './state/framework.ts';
import { MasterState } from './state/master-state.ts';
import {
  executorExited,
  messageToExecutor,
  messageToFramework,
} from './tasks/framework-messages.ts';
import { killTask, reconcileTasks } from './tasks/kill-and-reconcile.ts';
import { acknowledge, statusUpdate } from './tasks/status-update.ts';

/** What a master works with; `startMaster` fills in what is not given. */
export interface MasterProcessOptions {
  readonly flags: MasterFlags;
  readonly contender: Contender;
  /** Of the registry; closed by who opened it, after the master has ended. */
  readonly storage: Storage;
  readonly allocator: Allocator;
  /** The master cannot go on: it lost its leadership or its registry. It has ended itself. */
  readonly onFailure: (reason: string) => void;
}

/**
 * ```
 *   contending ──► recovering ──► leading
 * ```
 * Messages that come before are dropped: their senders repeat them.
 */
export type MasterPhase = 'contending' | 'recovering' | 'leading';

/**
 * The master. Takes its part in the election, recovers the registry, then serves agents and
 * frameworks. The capabilities decide; this actor hears the messages and carries out the effects.
 */
export class MasterProcess extends ProtobufProcess {
  readonly #options: MasterProcessOptions;
  readonly #metrics = new MasterMetrics();
  readonly #observers = new Map<UPID, PID<AgentObserverProcess>>();
  #observerCount = 0;
  #phase: MasterPhase = 'contending';
  #failed = false;
  #times: MasterTimes = { startedAtMs: 0, electedAtMs: 0 };
  #snapshot: MasterSnapshot | undefined;
  #allocator: PID<AllocatorProcess> | undefined;
  #registrar: PID<RegistrarProcess> | undefined;
  #context: MasterContext | undefined;

  constructor(options: MasterProcessOptions) {
    super('master');
    this.#options = options;

    this.#serve(scheduler.Call, receiveCall);

    this.#serve(RegisterSlaveMessage, registerAgent);
    this.#serve(ReregisterSlaveMessage, reregisterAgent);
    this.#serve(UnregisterSlaveMessage, unregisterAgent);
    this.#serve(UpdateSlaveMessage, updateAgent);
    this.#serve(StatusUpdateMessage, statusUpdate);
    this.#serve(ExitedExecutorMessage, executorExited);
    this.#serve(ExecutorToFrameworkMessage, messageToFramework);

    this.#serve(RegisterFrameworkMessage, registerFramework);
    this.#serve(ReregisterFrameworkMessage, reregisterFramework);
    this.#serve(LaunchTasksMessage, launchTasksMessage);
    this.#serveCaller(UnregisterFrameworkMessage, removeFramework);
    this.#serveCaller(DeactivateFrameworkMessage, deactivateFramework);
    this.#serveCaller(ReviveOffersMessage, (ctx, framework, { roles }) => {
      reviveOffers(ctx, framework, roles);
    });
    this.#serveCaller(KillTaskMessage, killTask);
    this.#serveCaller(StatusUpdateAcknowledgementMessage, acknowledge);
    this.#serveCaller(FrameworkToExecutorMessage, messageToExecutor);
    this.#serveCaller(ReconcileTasksMessage, (ctx, framework, { statuses }) => {
      reconcileTasks(ctx, framework, statuses ?? []);
    });
    this.#serveCaller(ResourceRequestMessage, (ctx) => {
      ctx.metrics.increment('master/messages_resource_request');
    });

    for (const each of MASTER_ROUTES) this.#route(each);
  }

  #route(each: MasterRoute): void {
    this.route(
      each.path,
      (request) => {
        const ctx = this.#context;
        if (!ctx || (!each.always && this.#phase !== 'leading')) return serviceUnavailable();
        return each.handle(ctx, request, this.#times);
      },
      { help: each.help },
    );
  }

  get phase(): MasterPhase {
    return this.#phase;
  }

  /** For who looks from outside of any turn, and changes nothing; undefined unless leading. */
  get state(): MasterState | undefined {
    return this.#phase === 'leading' ? this.#context?.state : undefined;
  }

  protected override initialize(): void {
    const { flags, contender } = this.#options;
    const { runtime } = this;
    const startedAtMs = runtime.clock.now();
    this.#times = { startedAtMs, electedAtMs: 0 };
    const begunMs = runtime.clock.monotonic();
    const uptimeMs = (): number => runtime.clock.monotonic() - begunMs;
    this.#snapshot = new MasterSnapshot(uptimeMs, () => this.#context);
    this.node.metrics.add(this.#snapshot);
    const info = masterInfo({
      id: runtime.random.uuid(),
      address: this.self.address,
      hostname: flags.hostname,
    });
    const limits = { completedFrameworksMax: flags.maxCompletedFrameworks };
    this.#context = this.#makeContext(new MasterState(info, limits));
    this.#after(contender.contend(info), 'win the election', ({ lost }) => {
      lost.onReady(this.defer(() => this.#fail('Lost leadership')));
      this.#elected();
    });
  }

  protected override finalize(): void {
    if (this.#snapshot) this.node.metrics.remove(this.#snapshot);
    for (const observer of this.#observers.values()) this.node.terminate(observer);
    if (this.#allocator) this.node.terminate(this.#allocator);
    if (this.#registrar) this.node.terminate(this.#registrar);
  }

  protected override exited(upid: UPID): void {
    if (upid === this.#allocator || upid === this.#registrar) {
      this.#fail(`A part of the master has ended: ${upid.id}`);
      return;
    }
    const ctx = this.#context;
    if (!ctx) return;
    ctx.state.frameworks.replaced.delete(upid.toString());
    const frameworks = ctx.state.frameworks.allByPid(upid);
    const agent = ctx.state.agents.byPid(upid);
    // Who came back before the end of the connection before had its turn was told that all is well,
    // and what was lost with that connection was settled then.
    const returned = this.linked(upid) && frameworks.length + (agent ? 1 : 0) === 1;
    if (returned) return;
    for (const framework of frameworks) disconnectFramework(ctx, framework);
    if (agent) disconnectAgent(ctx, agent);
  }

  #elected(): void {
    const ctx = this.#context;
    if (!ctx) return;
    this.#phase = 'recovering';
    this.#times = { ...this.#times, electedAtMs: this.runtime.clock.now() };
    const { storage, flags } = this.#options;
    const registrar = this.node.spawn(
      new RegistrarProcess({
        storage,
        fetchTimeoutMs: flags.registryFetchTimeoutMs,
        storeTimeoutMs: flags.registryStoreTimeoutMs,
        onFatal: this.defer(({ message }) => this.#fail(message)),
      }),
    );
    this.#registrar = registrar;
    this.link(registrar);
    const registry = dispatch(registrar, 'recover', ctx.state.info);
    this.#after(registry, 'recover the registry', (recovered) => this.#recovered(ctx, recovered));
  }

  #recovered(ctx: MasterContext, registry: Registry): void {
    this.#phase = 'leading';
    enterRegistry(ctx, registry);
    keepRegistrySmall(ctx);
  }

  /** Handles messages of `type` while leading. */
  #serve<M>(
    type: MessageType<M>,
    handler: (ctx: MasterContext, from: UPID, message: M) => void,
  ): void {
    this.install(type, (from, message) => {
      const ctx = this.#context;
      if (ctx && this.#phase === 'leading') handler(ctx, from, message);
      else this.#metrics.increment('master/dropped_messages');
    });
  }

  /** Handles messages of `type` that come from the scheduler of the framework they name. */
  #serveCaller<M extends { readonly framework_id: { readonly value: string } }>(
    type: MessageType<M>,
    handler: (ctx: MasterContext, framework: Framework, message: M) => void,
  ): void {
    this.#serve(type, (ctx, from, message) => {
      asCaller(ctx, { from, framework_id: message.framework_id }, (framework) => {
        handler(ctx, framework, message);
      });
    });
  }

  #makeContext(state: MasterState): MasterContext {
    const { flags } = this.#options;
    const metrics = this.#metrics;
    return {
      state,
      flags,
      metrics,
      logger: this.runtime.logger.child('master'),
      allocator: this.#startAllocator(),
      removals: new RemovalQueue({
        limit: flags.agentRemovalRateLimit,
        delay: (delayMs, thunk) => this.delay(delayMs, thunk),
        onScheduled: () => metrics.increment('master/slave_unreachable_scheduled'),
        onCanceled: () => metrics.increment('master/slave_unreachable_canceled'),
      }),
      now: () => this.runtime.clock.now(),
      send: (to, type, message) => this.send(to, type, message),
      link: (to) => this.link(to),
      linked: (to) => this.linked(to),
      delay: (delayMs, thunk) => this.delay(delayMs, thunk),
      observe: (agent) => this.#observe(agent),
      setObserved: (agent, connected) => this.#setObserved(agent, connected),
      unobserve: (agent) => this.#unobserve(agent),
      apply: (operation, applied) => this.#apply(operation, applied),
      fail: (reason) => this.#fail(reason),
    };
  }

  #startAllocator(): AllocatorPort {
    const pid = this.node.spawn(
      new AllocatorProcess({
        allocator: this.#options.allocator,
        allocationIntervalMs: this.#options.flags.allocationIntervalMs,
        onOffers: this.defer((_id, allocations) => {
          if (this.#context) makeOffers(this.#context, allocations);
        }),
      }),
    );
    this.#allocator = pid;
    this.link(pid);
    return {
      ...allocatorPort(pid),
      settled: (then) => void dispatch(pid, 'runs').onAny(this.defer(then)),
    };
  }

  #observe(agent: Agent): void {
    const { flags } = this.#options;
    const { id } = agent;
    this.#observerCount += 1;
    const observer = new AgentObserverProcess({
      agent: agent.pid,
      ordinal: this.#observerCount,
      pingTimeoutMs: flags.agentPingTimeoutMs,
      missedPongsMax: flags.maxAgentPingTimeouts,
      onUnreachable: this.defer(() => {
        const message = 'health check timed out';
        if (this.#context) markUnreachableSoon(this.#context, id, { cause: 'silent', message });
      }),
      onAnswer: this.defer(() => this.#context?.removals.answered(id)),
    });
    const pid = this.node.spawn(observer);
    agent.observer = pid;
    this.#observers.set(pid, pid);
  }

  #setObserved(agent: Agent, connected: boolean): void {
    const observer = agent.observer && this.#observers.get(agent.observer);
    if (observer) tell(observer, 'setConnected', connected);
  }

  #unobserve(agent: Agent): void {
    if (!agent.observer) return;
    this.#observers.delete(agent.observer);
    this.node.terminate(agent.observer);
    agent.observer = undefined;
  }

  #apply(operation: RegistryOperation, applied: (outcome: Outcome) => void): void {
    if (!this.#registrar) return;
    const outcome = dispatch(this.#registrar, 'apply', operation);
    this.#after(outcome, `apply '${operation.name}' to the registry`, applied);
  }

  /** Goes on in a turn of ours once `future` is ready; the master ends if it does not come so far. */
  #after<T>(future: Future<T>, purpose: string, then: (value: T) => void): void {
    const settled = this.defer((result: Future<T>) => {
      if (result.isReady) then(result.value);
      else this.#fail(`Failed to ${purpose}: ${textOf(result.error)}`);
    });
    future.onAny(settled).onAbandoned(() => settled(future));
  }

  #fail(reason: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.runtime.logger.child('master').error('The master ends', { reason });
    this.node.terminate(this.self);
    this.#options.onFailure(reason);
  }
}

const textOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'it was given up';

function allocatorPort(pid: PID<AllocatorProcess>): Omit<AllocatorPort, 'settled'> {
  return {
    addFramework: (framework) => tell(pid, 'addFramework', framework),
    removeFramework: (id) => tell(pid, 'removeFramework', id),
    activateFramework: (id) => tell(pid, 'activateFramework', id),
    deactivateFramework: (id) => tell(pid, 'deactivateFramework', id),
    updateFramework: (framework) => tell(pid, 'updateFramework', framework),
    addAgent: (agent) => tell(pid, 'addAgent', agent),
    removeAgent: (id) => tell(pid, 'removeAgent', id),
    updateAgent: (id, change) => tell(pid, 'updateAgent', id, change),
    activateAgent: (id) => tell(pid, 'activateAgent', id),
    deactivateAgent: (id) => tell(pid, 'deactivateAgent', id),
    recoverResources: (recovery) => tell(pid, 'recoverResources', recovery),
    suppressOffers: (id, roles) => tell(pid, 'suppressOffers', id, roles),
    reviveOffers: (id, roles) => tell(pid, 'reviveOffers', id, roles),
    updateWeights: (weights) => tell(pid, 'updateWeights', weights),
    updateWhitelist: (hostnames) => tell(pid, 'updateWhitelist', hostnames),
  };
}
