import type { MasterDetector } from '../common/detector.ts';
import { ProtobufProcess, type Logger, type Runtime, type UPID } from '../libprocess/index.ts';
import {
  ExecutorToFrameworkMessage,
  FrameworkToExecutorMessage,
  KillTaskMessage,
  PingSlaveMessage,
  RegisterExecutorMessage,
  ReregisterExecutorMessage,
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
  type StatusUpdate,
} from '../proto/index.ts';
import type { AgentActor, AgentContext } from './agent-context.ts';
import { joinParts, type AgentParts } from './agent-parts.ts';
import {
  Containerizer,
  containerEnd,
  type ContainerEnd,
  type StartCommandExecutor,
} from './containerizer/containerizer.ts';
import type { Launcher } from './containerizer/launcher/launcher.ts';
import type { AgentFlags } from './flags.ts';
import { SandboxGc } from './gc/sandbox-gc.ts';
import { agentRoutes } from './http/routes.ts';
import { AgentMetrics } from './metrics.ts';
import { AgentModel } from './model/agent-model.ts';
import { Recovery } from './recovery/recovery.ts';
import type { Registration } from './registration/registration.ts';
import { checkpointBootId, forgetAgent, type Meta } from './state/checkpoint.ts';
import type { AgentState } from './state/agent-state.ts';
import { StatusUpdates } from './status-updates/status-updates.ts';

export interface SlaveOptions {
  readonly runtime: Runtime;
  readonly flags: AgentFlags;
  readonly detector: MasterDetector;
  /** Without an id. */
  readonly info: SlaveInfo;
  readonly meta: Meta;
  /** What a former agent left; undefined if nothing, or nothing that may be used. */
  readonly recovered: AgentState | undefined;
  /** Ids under which the work directory was used before. */
  readonly formerAgents: readonly string[];
  readonly launcher: Launcher;
  readonly startCommandExecutor: StartCommandExecutor;
  /** The agent has ended: by request (undefined), or for this reason. */
  readonly onStopped: (reason: string | undefined) => void;
}

/**
 * An agent: runs the tasks that the leading master sends, tells what becomes of them until that is
 * acknowledged, and picks all of it up again after it was killed. Decides nothing itself: the parts
 * that do stand in the folders beside it.
 */
export class SlaveProcess extends ProtobufProcess {
  readonly #options: SlaveOptions;
  readonly #logger: Logger;
  readonly #model: AgentModel;
  readonly #context: AgentContext;
  readonly #parts: AgentParts;
  readonly #recovery: Recovery;
  #watch: Disposable | undefined;
  #stopReason: string | undefined;
  /** Asked to leave while it recovers. */
  #leaves = false;

  constructor(options: SlaveOptions) {
    super((node) => node.generateId('slave'));
    this.#options = options;
    this.#logger = options.runtime.logger.child('agent');
    this.#model = new AgentModel({
      info: options.info,
      resourceVersion: options.runtime.random.bytes(16),
      completedFrameworksMax: options.flags.completedFrameworksMax,
    });
    this.#context = this.#newContext();
    this.#parts = joinParts(this.#context, {
      onDrained: () => {
        this.#drained();
      },
      onExecutorReregistered: () => {
        this.#recovery.executorAnswered();
      },
    });
    this.#recovery = new Recovery(this.#context, this.#parts, () => {
      this.#recovered();
    });
    this.#installMaster();
    this.#installExecutors();
    for (const [path, handler] of agentRoutes(this.#context)) this.route(path, handler);
  }

  #installMaster(): void {
    const { registration, runTask, killTask, statusUpdates, messages } = this.#parts;
    this.install(SlaveRegisteredMessage, (from, m) => {
      registration.registered(from, m);
    });
    this.install(SlaveReregisteredMessage, (from, m) => {
      registration.reregistered(from, m);
    });
    this.install(PingSlaveMessage, (from, m) => {
      registration.ping(from, m.connected);
    });
    const once = recorded(registration);
    this.install(
      RunTaskMessage,
      once((from, m) => {
        runTask.run(from, m);
      }),
    );
    this.install(
      RunTaskGroupMessage,
      once((from, m) => {
        runTask.runGroup(from, m);
      }),
    );
    this.install(
      KillTaskMessage,
      once((from, m) => {
        killTask.kill(from, m);
      }),
    );
    this.install(StatusUpdateAcknowledgementMessage, (from, m) => {
      statusUpdates.acknowledged(from, m);
    });
    this.install(
      UpdateFrameworkMessage,
      once((from, m) => {
        messages.updated(from, m);
      }),
    );
    this.install(
      ShutdownFrameworkMessage,
      once((from, m) => {
        this.#shutdownFramework(from, m.framework_id.value);
      }),
    );
    this.install(
      ShutdownExecutorMessage,
      once((from, m) => {
        this.#shutdownExecutor(from, m);
      }),
    );
    this.install(ShutdownMessage, (from, m) => {
      this.#shutdownByMaster(from, m);
    });
  }

  #installExecutors(): void {
    const { executors, statusUpdates, messages } = this.#parts;
    this.install(RegisterExecutorMessage, (from, m) => {
      executors.register(from, m);
    });
    this.install(ReregisterExecutorMessage, (from, m) => {
      executors.reregister(from, m);
    });
    this.install(StatusUpdateMessage, (from, m) => {
      statusUpdates.fromExecutor(m.update, from);
    });
    this.install(FrameworkToExecutorMessage, (from, m) => {
      messages.toExecutor(from, m);
    });
    this.install(ExecutorToFrameworkMessage, (from, m) => {
      messages.toFramework(from, m);
    });
  }

  #actor(): AgentActor {
    const self = (): UPID => this.self;
    return {
      get self() {
        return self();
      },
      send: (to, type, message) => {
        this.send(to, type, message);
      },
      link: (to) => {
        this.link(to);
      },
      delay: (delayMs, thunk) => this.delay(delayMs, thunk),
      defer: (continuation) => this.defer(continuation),
      stop: (reason) => {
        this.#stop(reason);
      },
    };
  }

  #newContext(): AgentContext {
    const { runtime, flags, meta } = this.#options;
    const actor = this.#actor();
    const logger = this.#logger;
    const metrics = new AgentMetrics();
    return {
      runtime,
      flags,
      logger,
      actor,
      meta,
      model: this.#model,
      metrics,
      startedAtMs: runtime.clock.now(),
      gc: new SandboxGc({ runtime, logger, actor, flags, meta, metrics }),
      updates: new StatusUpdates(meta.journal, {
        forward: this.defer((update: StatusUpdate) => {
          this.#parts.statusUpdates.forward(update);
        }),
        accepted: this.defer((update: StatusUpdate) => {
          this.#parts.statusUpdates.accepted(update);
        }),
        acknowledged: this.defer((update: StatusUpdate, ended: boolean) => {
          this.#parts.statusUpdates.settled(update, ended);
        }),
      }),
      containerizer: this.#newContainerizer(),
    };
  }

  #newContainerizer(): Containerizer {
    const { flags, meta, launcher, startCommandExecutor } = this.#options;
    return new Containerizer({
      launcher,
      startCommandExecutor,
      flags,
      meta,
      agent: () => this.self,
      agentId: () => this.#model.agentId ?? '',
      started: (upid) => {
        this.link(upid);
      },
      commandStarted: this.defer((executor, pid) => {
        this.#parts.launcher.started(executor, pid);
      }),
      terminate: (upid) => {
        this.node.terminate(upid);
      },
      onEnded: this.defer((containerId, end) => {
        if (this.#context.containerizer.takeEnd(containerId, end)) return;
        this.#containerEnded(containerId, containerEnd(end));
      }),
    });
  }

  protected override initialize(): void {
    const { gc, metrics } = this.#context;
    const { clock } = this.runtime;
    const begunMs = clock.monotonic(); // The wall clock may be set.
    gc.start();
    const now = clock.now();
    metrics.register(this.node.metrics, {
      model: this.#model,
      uptimeSeconds: () => (clock.monotonic() - begunMs) / 1_000,
      pathRemovalsPending: () => gc.pending,
    });
    for (const agentId of this.#options.formerAgents) gc.agentEnded({ agentId }, now);
    this.#recovery.start(this.node, this.#options.recovered);
  }

  protected override finalize(): void {
    this.#watch?.[Symbol.dispose]();
    this.#context.updates.stop(this.node);
  }

  /** Recovery is over: the agent may look for a master. */
  #recovered(): void {
    const { flags } = this.#options;
    if (flags.recover === 'cleanup' || this.#leaves) {
      const why = this.#leaves ? 'this one leaves' : '--recover=cleanup asks';
      this.#logger.info(`Ending the executors of a former agent, as ${why}`);
      this.#shutdownAll();
      return;
    }
    checkpointBootId(this.#options.meta, this.runtime.host.bootId);
    this.#model.state = 'disconnected';
    this.#watch = this.#options.detector.watch(
      this.defer((leader) => {
        this.#parts.registration.detected(leader);
      }),
    );
  }

  protected override exited(upid: UPID): void {
    const containerId = this.#context.containerizer.commandExecutorEnded(upid);
    if (containerId === undefined) {
      this.#parts.registration.exited(upid);
      return;
    }
    this.#containerEnded(containerId, {
      launched: true,
      waitStatus: 0,
      message: 'Executor exited with status 0',
    });
  }

  #containerEnded(containerId: string, end: ContainerEnd): void {
    for (const framework of this.#model.frameworks.values()) {
      for (const executor of framework.executors.values()) {
        if (executor.containerId !== containerId) continue;
        this.#parts.exit.ended(framework, executor, end);
        this.#recovery.executorAnswered();
        return;
      }
    }
  }

  #shutdownFramework(from: UPID, frameworkId: string): void {
    const framework = this.#model.frameworks.get(frameworkId);
    if (!this.#model.master?.equals(from) || this.#model.state === 'recovering') return;
    if (framework?.terminating === true) return;
    if (!framework) {
      this.#model.strayTasks.delete(frameworkId);
      this.#context.updates.cleanup(frameworkId); // Answers for tasks that never came here.
      return;
    }
    this.#logger.info('Shutting down a framework', { frameworkId });
    this.#parts.shutdown.shutdownFramework(framework);
    this.#parts.exit.settled(framework, undefined);
  }

  #shutdownExecutor(from: UPID, message: ShutdownExecutorMessage): void {
    if (!this.#model.master?.equals(from)) return;
    const { framework_id, executor_id } = message;
    const executor = this.#model.executor(framework_id?.value ?? '', executor_id?.value ?? '');
    if (executor) this.#parts.shutdown.shutdown(executor);
  }

  /** The master wants this agent gone: it ends all tasks, then itself. */
  #shutdownByMaster(from: UPID, { message }: ShutdownMessage): void {
    if (!this.#model.master?.equals(from)) return;
    this.#logger.warn('The master asked this agent to shut down', { why: message });
    this.#stopReason = `The master asked this agent to shut down: ${message ?? 'no reason given'}`;
    this.#shutdownAll();
  }

  /** Leaves the cluster for good: ends all tasks, tells the master, then ends. */
  unregister(): void {
    const { master, agentId, state } = this.#model;
    if (state === 'recovering') {
      this.#leaves = true; // What is recovered is to be ended, too.
      return;
    }
    if (master && agentId !== undefined) {
      this.send(master, UnregisterSlaveMessage, { slave_id: { value: agentId } });
    }
    this.#shutdownAll();
  }

  #shutdownAll(): void {
    this.#model.state = 'terminating';
    for (const framework of [...this.#model.frameworks.values()]) {
      this.#parts.shutdown.shutdownFramework(framework);
      this.#parts.exit.settled(framework, undefined);
    }
    this.#drained();
  }

  #drained(): void {
    if (this.#model.state !== 'terminating' || this.#model.frameworks.size > 0) return;
    // All that was here has ended: the next start shall not look for it.
    const lsn = forgetAgent(this.#options.meta);
    this.#options.meta.journal.after(
      lsn,
      this.defer(() => {
        this.#stop(this.#stopReason);
      }),
    );
  }

  #stop(reason: string | undefined): void {
    if (reason !== undefined) this.#logger.error('The agent stops', { reason });
    this.#options.onStopped(reason);
    this.node.terminate(this.self);
  }
}

/** What a master asks waits until the id that it gave is on the disk. */
const recorded =
  (registration: Registration) =>
  <M>(handle: (from: UPID, message: M) => void) =>
  (from: UPID, message: M): void => {
    registration.onceRecorded(() => {
      handle(from, message);
    });
  };
