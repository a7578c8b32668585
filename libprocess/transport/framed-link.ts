import type { Clock } from '../clock.ts';
import type { EndReason } from '../event.ts';
import type { Logger } from '../logger.ts';
import type { Arrival, Message } from '../message.ts';
import type { Connection, ConnectionEvents } from '../network.ts';
import type { TransportCounters } from './counters.ts';
import { FrameDecoder, type FrameSink } from './frame-decoder.ts';
import { FrameEncoder } from './frame-encoder.ts';
import {
  INBOUND_BYTES_HIGH,
  INBOUND_MESSAGES_HIGH,
  PING_INTERVAL_MS,
  QUEUED_BYTES_MAX,
  QUEUED_MESSAGES_MAX,
  SILENT_INTERVALS_MAX,
  SOFT_BUFFERED_BYTES,
  UNFINISHED_GROWTH_BYTES_MIN,
} from './limits.ts';

/** What a link tells whoever owns it. */
export interface LinkOwner extends FrameSink {
  /** A frame has come: `event` takes it up. */
  onArrival(event: () => void): void;
  /** Something waits for `flush`. */
  onDirty(link: FramedLink): void;
  /** Once, unless the owner ended the link itself. Nothing comes after it. */
  onBroken(reason: string): void;
  /** The peer answered a ping. */
  onPong(): void;
}

export interface FramedLinkOptions {
  readonly connection: Connection;
  readonly local: string;
  readonly remote: string;
  readonly owner: LinkOwner;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: TransportCounters;
}

/** Frames sent from the front of the queue before their places are given back. */
const QUEUE_COMPACTED_AT = 256;

interface QueuedFrame {
  readonly frame: Uint8Array;
  readonly messages: number;
}

/**
 * One connection between two nodes, both directions: batches what is sent, holds it back while the
 * peer does not read, breaks when too much waits, and finds out when the peer is silent.
 */
export class FramedLink implements ConnectionEvents, FrameSink, Arrival {
  readonly #options: FramedLinkOptions;
  readonly #connection: Connection;
  readonly #encoder: FrameEncoder;
  readonly #decoder: FrameDecoder;
  #owner: LinkOwner | undefined;
  #timer: Disposable | undefined;
  #dirty = false;
  #queue: QueuedFrame[] = [];
  /** Index in the queue of the next frame to hand to the connection. */
  #next = 0;
  #queuedBytes = 0;
  #queuedMessages = 0;
  /** Since the last look: a frame has come, a pong has, nothing was read. */
  #framed = true;
  #ponged = false;
  #wasPaused = false;
  /** Of a frame, at the last look. */
  #unfinishedBytes = 0;
  #silentIntervals = 0;
  #stalledIntervals = 0;
  #unhandledMessages = 0;
  #unhandledBytes = 0;
  #paused = false;

  constructor(options: FramedLinkOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#owner = options.owner;
    this.#encoder = new FrameEncoder((frame, messages) => {
      this.#emit(frame, messages);
    });
    this.#decoder = new FrameDecoder(options, this);
    this.#tickLater();
  }

  /** False if the message is above a limit and was not sent. */
  send(message: Message): boolean {
    if (!this.#encoder.message(message)) return false;
    this.#written();
    return true;
  }

  link(id: string): void {
    this.#encoder.link(id);
    this.#written();
  }

  ended(id: string, reason: EndReason): void {
    this.#encoder.ended(id, reason);
    this.#written();
  }

  flush(): void {
    this.#dirty = false;
    if (this.#owner) this.#encoder.flush();
  }

  ping(): void {
    this.#connection.ping();
  }

  /** Ends the link now; the owner hears nothing more of it. */
  terminate(): void {
    this.#detach();
    this.#connection.terminate();
  }

  /** Lets what was sent leave, then ends the link; the owner hears nothing more of it. */
  close(): void {
    this.flush();
    for (const { frame } of this.#queue.slice(this.#next)) this.#connection.send(frame);
    this.#detach();
    this.#connection.close();
  }

  onFrame(frame: Uint8Array): void {
    this.#owner?.onArrival(() => {
      this.#take(frame);
    });
  }

  #take(frame: Uint8Array): void {
    this.#framed = true;
    const failure = this.#decoder.decode(frame);
    if (this.#decoder.skipped > 0) {
      this.#options.counters.skippedRecords += this.#decoder.skipped;
      this.#decoder.skipped = 0;
    }
    if (failure === undefined) return;
    this.#options.counters.malformedFrames += 1;
    this.#break(`the peer sent ${failure}`);
  }

  onPong(): void {
    this.#ponged = true;
    this.#owner?.onPong();
  }

  onOverfull(reason: string): void {
    this.#cutOff(reason);
  }

  onClose(reason: string): void {
    this.#break(reason);
  }

  /** A message of this link has left its mailbox. */
  handled(message: Message): void {
    this.#unhandledMessages -= 1;
    this.#unhandledBytes -= message.bytes.length;
    if (!this.#paused) return;
    const low =
      this.#unhandledMessages <= INBOUND_MESSAGES_HIGH / 2 &&
      this.#unhandledBytes <= INBOUND_BYTES_HIGH / 2;
    if (!low) return;
    this.#paused = false;
    this.#connection.resume();
  }

  onLink(id: string): void {
    this.#owner?.onLink(id);
  }

  onEnded(id: string, reason: EndReason): void {
    this.#owner?.onEnded(id, reason);
  }

  onMessage(message: Message): void {
    if (!this.#owner) return;
    this.#unhandledMessages += 1;
    this.#unhandledBytes += message.bytes.length;
    message.arrival = this;
    this.#owner.onMessage(message);
    const high =
      this.#unhandledMessages > INBOUND_MESSAGES_HIGH || this.#unhandledBytes > INBOUND_BYTES_HIGH;
    if (!high || this.#paused) return;
    this.#paused = this.#wasPaused = true;
    this.#connection.pause();
  }

  #written(): void {
    if (this.#dirty || !this.#encoder.pending) return;
    this.#dirty = true;
    this.#owner?.onDirty(this);
  }

  #emit(frame: Uint8Array, messages: number): void {
    this.#queue.push({ frame, messages });
    this.#queuedBytes += frame.length;
    this.#queuedMessages += messages;
    this.#pump();
    const overflow =
      this.#queuedBytes > QUEUED_BYTES_MAX || this.#queuedMessages > QUEUED_MESSAGES_MAX;
    if (!overflow) return;
    this.#options.counters.overflows += 1;
    this.#break('more waits to be sent than the limit');
  }

  /** A connection may report a frame sent within `send`, and so call this again. */
  #pump(): void {
    const connection = this.#connection;
    for (
      let next = this.#queue[this.#next];
      next && connection.bufferedBytes < SOFT_BUFFERED_BYTES;
      next = this.#queue[this.#next]
    ) {
      this.#next += 1;
      this.#queuedBytes -= next.frame.length;
      this.#queuedMessages -= next.messages;
      connection.send(next.frame, this.#left);
    }
    if (this.#next < this.#queue.length && this.#next < QUEUE_COMPACTED_AT) return;
    this.#queue = this.#queue.slice(this.#next);
    this.#next = 0;
  }

  readonly #left = (): void => {
    if (this.#next < this.#queue.length) this.#pump();
  };

  #tickLater(): void {
    this.#timer = this.#options.clock.timer(PING_INTERVAL_MS, () => {
      this.#tick();
    });
  }

  /** Counts intervals, not time: after a long pause of this very node nothing is held against the peer. */
  #tick(): void {
    const unfinished = this.#connection.unfinishedBytes;
    const grown = unfinished - this.#unfinishedBytes >= UNFINISHED_GROWTH_BYTES_MIN;
    const heard = this.#framed || this.#ponged || grown;
    const stalled = unfinished > 0 && !this.#framed && !grown;
    this.#silentIntervals = heard || this.#paused ? 0 : this.#silentIntervals + 1;
    this.#stalledIntervals = stalled && !this.#wasPaused ? this.#stalledIntervals + 1 : 0;
    if (this.#stalledIntervals >= SILENT_INTERVALS_MAX) {
      this.#cutOff('the peer does not finish a frame');
      return;
    }
    if (this.#silentIntervals >= SILENT_INTERVALS_MAX) {
      this.#break('the peer is silent');
      return;
    }
    if (!heard) this.#connection.ping();
    this.#framed = this.#ponged = false;
    this.#wasPaused = this.#paused;
    this.#unfinishedBytes = unfinished;
    this.#tickLater();
  }

  #cutOff(reason: string): void {
    if (!this.#owner) return;
    const { counters, logger, remote } = this.#options;
    counters.unfinishedFrames += 1;
    logger.warn('Cut off a node', { address: remote, reason });
    this.#break(reason);
  }

  #break(reason: string): void {
    const owner = this.#owner;
    if (!owner) return;
    this.#options.counters.droppedMessages += this.#queuedMessages;
    this.terminate();
    owner.onBroken(reason);
  }

  #detach(): void {
    this.#owner = undefined;
    this.#timer?.[Symbol.dispose]();
    this.#queue = [];
    this.#next = 0;
    this.#queuedBytes = this.#queuedMessages = 0;
  }
}
