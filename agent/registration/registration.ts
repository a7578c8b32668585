import type { UPID, Millis } from '../../libprocess/index.ts';
import {
  RegisterSlaveMessage,
  ReregisterSlaveMessage,
  PongSlaveMessage,
  type MasterSlaveConnection,
  type SlaveRegisteredMessage,
  type SlaveReregisteredMessage,
} from '../../proto/index.ts';
import { inPreRefinementFormat } from '../../common/resource-format.ts';
import { idProblem } from '../../common/validation.ts';
import { VERSION } from '../../common/version.ts';
import type { AgentContext } from '../agent-context.ts';
import type { Lsn } from '../journal/journal.ts';
import { checkpointAgent } from '../state/checkpoint.ts';
import { AGENT_CAPABILITIES } from './capabilities.ts';
import { RegistrationBackoff } from './backoff.ts';
import { fitting } from './fitting.ts';
import { reregistration } from './reregistration.ts';

/** Until a master says otherwise: 5 pings, 15 s apart (`master/constants.hpp`). */
const PING_TIMEOUT_MS: Millis = 75_000;

export interface RegistrationOptions {
  /** The agent is registered: what was held back may go, what the master asked about is looked at. */
  readonly onRegistered: (reregistered: SlaveReregisteredMessage | undefined) => void;
}

/**
 * Keeps the agent registered with the leading master: registers and registers again until answered,
 * and anew whenever the leader changes, the connection breaks, the pings stop, or a ping says that
 * the master thinks the agent gone. Unlike C++ Mesos it does not wait for its ping timeout when the
 * connection to a master at a fixed address breaks.
 */
export class Registration {
  readonly #context: AgentContext;
  readonly #options: RegistrationOptions;
  #backoff: RegistrationBackoff;
  #retry: Disposable | undefined;
  #pingTimer: Disposable | undefined;
  /** Counts detections and lost connections: what began under a former one is over. */
  #session = 0;
  #pingTimeoutMs: Millis = PING_TIMEOUT_MS;
  /** Where the id just given is in the journal, as long as it is on its way to the disk. */
  #recording: Lsn | undefined;

  constructor(context: AgentContext, options: RegistrationOptions) {
    this.#context = context;
    this.#options = options;
    this.#backoff = this.#newBackoff();
  }

  #newBackoff(): RegistrationBackoff {
    const { flags, runtime } = this.#context;
    return new RegistrationBackoff(flags.registrationBackoffFactorMs, () => runtime.random.next());
  }

  /** A leader was detected, maybe the one that was, or there is none. */
  detected(leader: UPID | undefined): void {
    const { model, logger, actor } = this.#context;
    if (model.state === 'terminating') return;
    model.master = leader;
    if (model.state === 'recovering') return; // Recovery ends with a look at the leader.
    this.#disconnect();
    if (!leader) {
      logger.info('No leading master; waiting for one to be elected');
      return;
    }
    logger.info('Detected the leading master', { master: leader.toString() });
    actor.link(leader);
    this.#backoff = this.#newBackoff();
    this.#registerLater();
  }

  /** The connection to the master broke, or the master ended. */
  exited(upid: UPID): void {
    const { model, logger, actor } = this.#context;
    if (!model.master?.equals(upid) || model.state === 'terminating') return;
    if (model.state === 'recovering') return;
    if (model.state === 'running') {
      logger.warn('Lost the connection to the master; registering again', {
        master: upid.toString(),
      });
      this.#backoff = this.#newBackoff();
    }
    this.#disconnect();
    const waitMs = this.#backoff.next();
    this.#retry = actor.delay(waitMs, () => {
      if (!model.master?.equals(upid)) return;
      actor.link(upid);
      this.#register();
      this.#registerLater();
    });
  }

  #disconnect(): void {
    const { model, updates } = this.#context;
    model.state = 'disconnected';
    this.#session += 1;
    this.#retry?.[Symbol.dispose]();
    this.#pingTimer?.[Symbol.dispose]();
    updates.pause();
  }

  #registerLater(): void {
    this.#retry?.[Symbol.dispose]();
    this.#retry = this.#context.actor.delay(this.#backoff.next(), () => {
      this.#register();
      this.#registerLater();
    });
  }

  #register(): void {
    const { model, actor } = this.#context;
    if (model.state !== 'disconnected' || !model.master || this.#recording !== undefined) return;
    if (model.agentId !== undefined) {
      actor.send(model.master, ReregisterSlaveMessage, fitting(reregistration(model)));
      return;
    }
    actor.send(model.master, RegisterSlaveMessage, {
      slave: inPreRefinementFormat(model.info),
      version: VERSION,
      agent_capabilities: AGENT_CAPABILITIES,
      resource_version_uuid: { value: model.resourceVersion },
    });
  }

  registered(from: UPID, message: SlaveRegisteredMessage): void {
    if (!this.#accepts(from, message.slave_id.value)) return;
    const { model, meta, actor, logger, flags } = this.#context;
    // The answer to a repeated registration.
    if (model.state === 'running' || this.#recording !== undefined) return;
    this.#answered(from, message.connection);
    if (model.agentId !== undefined) {
      this.#running(undefined);
      return;
    }
    model.info = { ...model.info, id: message.slave_id };
    logger.info('Registered', { master: from.toString(), agentId: message.slave_id.value });
    if (!flags.checkpoint) {
      this.#running(undefined);
      return;
    }
    // Nothing may happen under an id that a crash could make us forget.
    const lsn = checkpointAgent(meta, { agentId: message.slave_id.value }, model.info);
    const session = this.#session;
    this.#recording = lsn;
    meta.journal.after(
      lsn,
      actor.defer(() => {
        this.#recording = undefined;
        if (model.state === 'disconnected' && this.#session === session) this.#running(undefined);
      }),
    );
  }

  /**
   * Runs `thunk` now, or when the id just given is on the disk: a master that has given it does not
   * wait for that with what it asks. What waits keeps its order.
   */
  onceRecorded(thunk: () => void): void {
    const { meta, actor } = this.#context;
    if (this.#recording === undefined) thunk();
    else meta.journal.after(this.#recording, actor.defer(thunk));
  }

  reregistered(from: UPID, message: SlaveReregisteredMessage): void {
    if (!this.#accepts(from, message.slave_id.value)) return;
    const { model, logger } = this.#context;
    this.#answered(from, message.connection);
    if (model.state !== 'running') logger.info('Reregistered', { master: from.toString() });
    this.#running(message);
  }

  #accepts(from: UPID, agentId: string): boolean {
    const { model, logger, actor } = this.#context;
    if (model.state === 'recovering' || model.state === 'terminating') return false;
    if (!model.master?.equals(from)) {
      logger.warn('Ignored a registration by a master that does not lead', {
        from: from.toString(),
      });
      return false;
    }
    const problem = idProblem(agentId);
    if (problem !== undefined) {
      logger.warn('Ignored a registration under an id that can be none', { problem });
      return false;
    }
    if (model.agentId === undefined || model.agentId === agentId) return true;
    actor.stop(`Registered as '${agentId}', but this agent is '${model.agentId}'`);
    return false;
  }

  #answered(master: UPID, connection: MasterSlaveConnection | undefined): void {
    this.#retry?.[Symbol.dispose]();
    // The answer may be to a message that went by a connection which broke since.
    this.#context.actor.link(master);
    const seconds = connection?.total_ping_timeout_seconds;
    if (seconds !== undefined && seconds > 0) this.#pingTimeoutMs = seconds * 1_000;
    this.#watchPings();
  }

  #running(reregistered: SlaveReregisteredMessage | undefined): void {
    this.#context.model.state = 'running';
    this.#context.updates.resume();
    this.#options.onRegistered(reregistered);
  }

  /** Answered in every state, so that a long recovery does not look like a dead agent. */
  ping(from: UPID, connected: boolean): void {
    const { model, actor, logger } = this.#context;
    actor.send(from, PongSlaveMessage, {});
    if (model.state === 'recovering' || from.address !== model.master?.address) return;
    this.#watchPings();
    if (connected || model.state !== 'running') return;
    logger.info('The master believes this agent disconnected; registering again');
    this.detected(model.master);
  }

  #watchPings(): void {
    this.#pingTimer?.[Symbol.dispose]();
    this.#pingTimer = this.#context.actor.delay(this.#pingTimeoutMs, () => {
      const { model, logger } = this.#context;
      if (model.state === 'terminating' || !model.master) return;
      logger.warn('No pings from the master; registering again');
      this.detected(model.master);
    });
  }
}
