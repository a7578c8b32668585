import type { EndReason } from './event.ts';
import type { Message } from './message.ts';
import type { UPID } from './upid.ts';

/** `reuse` an open connection, or `reconnect`: replace it, for it may be half open. */
export type LinkMode = 'reuse' | 'reconnect';

/**
 * Carries messages to other nodes. At most once, in order for each pair of actors; it never throws
 * and never drops from the middle of a stream: when it must lose something it breaks the link and
 * tells `TransportEvents.lost`.
 */
export interface Transport extends AsyncDisposable {
  send(message: Message): void;
  /** Makes sure that the end of `to`, or of the connection to it, will be told. */
  link(to: UPID, mode: LinkMode): void;
  /** A process of this node has ended: linkers on other nodes are told. */
  ended(upid: UPID, reason: EndReason): void;
  /** Lets what was sent in this slice leave. */
  flush(): void;
}

/** What a transport tells its node. */
export interface TransportEvents {
  /** Runs `event`, the arrival of something, and then what it left for processes of this node. */
  arrived(event: () => void): void;
  /** Something has been sent: `flush` is to be called soon. */
  flushSoon(): void;
  deliver(message: Message): void;
  /** A frame to or from this address may have been lost. */
  lost(address: string): void;
  /** A process of another node has ended, or never was. */
  ended(upid: UPID, reason: EndReason): void;
}
