import type { Message } from './message.ts';
import type { LinkMode } from './transport.ts';
import type { UPID } from './upid.ts';

/**
 * Sees what the processes of one node say and are told, for checks and traces. It is told in the midst of
 * turns: it changes nothing, sends nothing and does not throw.
 */
export interface NodeObserver {
  /** A process has begun. */
  spawned(pid: UPID): void;
  /** Nothing of a process runs any more, and its linkers on this node have been told. */
  ended(pid: UPID): void;
  /** A message leaves a process of this node, for near or far. */
  sent(message: Message): void;
  /** A message is in the mailbox of a process of this node. */
  delivered(message: Message): void;
  /** One has come for which there is no process, or which a filter lost. */
  undelivered(message: Message): void;
  /** From now on the end of `to`, or of the connection to it, is to be told to `linker`. */
  linked(linker: UPID, to: UPID, mode: LinkMode): void;
  /** `linker` is told that `upid` has ended, or is out of reach. */
  exited(linker: UPID, upid: UPID): void;
  /** A frame to or from an address may have been lost; all linkers to it have been told. */
  lost(address: string): void;
}
