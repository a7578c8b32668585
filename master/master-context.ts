import type { Millis } from '../libprocess/clock.ts';
import type { Logger } from '../libprocess/logger.ts';
import type { MessageType } from '../libprocess/message.ts';
import type { UPID } from '../libprocess/upid.ts';
import type { Allocator, Recovery } from './allocator/allocator.ts';
import type { MasterFlags } from './flags.ts';
import type { MasterMetrics } from './metrics.ts';
import type { Outcome, RegistryOperation } from './registrar/operations.ts';
import type { RemovalQueue } from './agents/removal-queue.ts';
import type { Agent } from './state/agent.ts';
import type { MasterState } from './state/master-state.ts';

/** The allocator as the capabilities see it: when it runs is not their business. */
export type AllocatorPort = {
  readonly [K in Exclude<keyof Allocator, 'recoverResources' | 'allocate'>]: (
    ...args: Parameters<Allocator[K]>
  ) => void;
} & {
  readonly recoverResources: (recovery: Recovery) => void;
  /** Runs `then` behind everything that the allocator has decided until it gets here. */
  readonly settled: (then: () => void) => void;
};

/**
 * What a capability of the master works with: the state, and the effects that the actor carries
 * out for it. Everything happens in turns of the master, so state needs no guard; what takes time
 * comes back in a later turn, and looks at the state anew.
 */
export interface MasterContext {
  readonly state: MasterState;
  readonly flags: MasterFlags;
  readonly metrics: MasterMetrics;
  readonly logger: Logger;
  readonly allocator: AllocatorPort;
  /** Agents that are to be marked unreachable. */
  readonly removals: RemovalQueue;
  /** Wall time. */
  now(): Millis;
  send<M>(to: UPID, type: MessageType<M>, message: M): void;
  link(to: UPID): void;
  /** Whether no connection with it was lost since it was linked. */
  linked(to: UPID): boolean;
  /** Runs in a turn of the master, unless disposed or the master has ended. */
  delay(delayMs: Millis, thunk: () => void): Disposable;
  /** Starts the observer of an agent. */
  observe(agent: Agent): void;
  /** Tells the observer what its pings shall say. */
  setObserved(agent: Agent, connected: boolean): void;
  unobserve(agent: Agent): void;
  /**
   * Writes to the registry; `applied` runs once it is durable, with what the operation came to. A registry that cannot be written ends the master: another one takes over.
   */
  apply(operation: RegistryOperation, applied: (outcome: Outcome) => void): void;
  /** Gives up: this master must not go on. */
  fail(reason: string): void;
}
