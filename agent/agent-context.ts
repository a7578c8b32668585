import type { Logger, MessageType, Millis, Runtime, UPID } from '../libprocess/index.ts';
import type { Containerizer } from './containerizer/containerizer.ts';
import type { AgentFlags } from './flags.ts';
import type { SandboxGc } from './gc/sandbox-gc.ts';
import type { AgentMetrics } from './metrics.ts';
import type { AgentModel } from './model/agent-model.ts';
import type { Meta } from './state/checkpoint.ts';
import type { StatusUpdates } from './status-updates/status-updates.ts';

/** What the parts of the agent may do in the turns of its actor. */
export interface AgentActor {
  readonly self: UPID;
  send<M>(to: UPID, type: MessageType<M>, message: M): void;
  link(to: UPID): void;
  /** Runs in a turn of the actor, unless it has ended. */
  delay(delayMs: Millis, thunk: () => void): Disposable;
  /** A callback that runs in a turn of the actor, unless it has ended. */
  defer<A extends unknown[]>(continuation: (...args: A) => void): (...args: A) => void;
  /** Ends the agent; its tasks live on unless `shutdown` took them down before. */
  stop(reason: string): void;
}

/** What the parts of the agent share. They hold no reference to one another beyond their options. */
export interface AgentContext {
  readonly flags: AgentFlags;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly actor: AgentActor;
  readonly model: AgentModel;
  readonly meta: Meta;
  readonly updates: StatusUpdates;
  readonly containerizer: Containerizer;
  readonly gc: SandboxGc;
  readonly metrics: AgentMetrics;
  /** When this agent started; wall time. */
  readonly startedAtMs: Millis;
}
