import type { Clock } from '../clock.ts';
import type { Message } from '../message.ts';
import type { ByteConnection, Network } from '../network.ts';
import type { TransportCounters } from './counters.ts';
import {
  MESSAGE_BYTES_MAX,
  POST_FORM_MS,
  QUEUED_BYTES_MAX,
  UNANSWERED_POSTS_MAX,
} from './limits.ts';
import { encodePost, isPostable } from './post-form.ts';
import { ReplyScanner } from './reply-scanner.ts';

export interface PostLinkOwner {
  /** Something waits for `flush`. */
  onDirty(link: PostLink): void;
  /** Once, unless the owner ended the link itself. Nothing comes after it. */
  onBroken(reason: string): void;
  /** Nobody linked it and nothing was sent for a while; the owner shall end it. */
  onIdle(): void;
}

export interface PostLinkOptions {
  readonly address: string;
  readonly network: Network;
  readonly clock: Clock;
  readonly counters: TransportCounters;
  readonly owner: PostLinkOwner;
}

/**
 * The way to a peer that speaks only the POST form, as C++ libprocess does: requests pipelined on
 * one connection of our own, one way. What the peer has to say comes to our port.
 */
export class PostLink {
  readonly #options: PostLinkOptions;
  #owner: PostLinkOwner | undefined;
  #connection: ByteConnection | undefined;
  #waiting: Uint8Array[] = [];
  #unanswered = 0;
  /** Messages that were answered on this connection. */
  #answered = 0;
  /** Answers nothing, as libprocess of before 2014: then what is unanswered says nothing. */
  #mute = false;
  #linked = false;
  #used = true;
  #timer: Disposable;

  constructor(options: PostLinkOptions) {
    this.#options = options;
    this.#owner = options.owner;
    this.#timer = this.#idleTimer();
  }

  /** False if the message cannot be sent in this form. */
  send(message: Message): boolean {
    if (message.bytes.length > MESSAGE_BYTES_MAX || !isPostable(message)) return false;
    this.#used = true;
    if (this.#waiting.length === 0) this.#owner?.onDirty(this);
    this.#waiting.push(encodePost(message));
    this.#unanswered += 1;
    return true;
  }

  /** From now on the connection is kept, and its end is the end of all processes there. */
  link(): void {
    this.#linked = true;
    this.#open();
  }

  /**
   * Replaces a connection that may be half open. While answers are outstanding that would reorder
   * or lose messages, and then the answers tell what is to be known. Who never answers is
   * connected with anew nevertheless.
   */
  reconnect(): void {
    if (this.#awaited === 0) {
      this.#unanswered = 0;
      this.#answered = 0;
      const old = this.#connection;
      this.#connection = undefined;
      old?.close();
    }
    this.link();
  }

  flush(): void {
    if (!this.#owner || this.#waiting.length === 0) return;
    const posts = this.#waiting;
    this.#waiting = [];
    const connection = this.#open();
    connection.write(concatenate(posts));
    const overflow =
      connection.bufferedBytes > QUEUED_BYTES_MAX || this.#awaited > UNANSWERED_POSTS_MAX;
    if (!overflow) return;
    this.#options.counters.overflows += 1;
    this.#break('more waits to be sent than the limit');
  }

  /** Ends the link now; the owner hears nothing more of it. */
  terminate(): void {
    this.#detach()?.terminate();
  }

  /** Lets what was sent leave, then ends the link; the owner hears nothing more of it. */
  close(): void {
    this.flush();
    this.#detach()?.close();
  }

  /** Messages whose answers are still to come. */
  get #awaited(): number {
    return this.#mute ? 0 : this.#unanswered;
  }

  #open(): ByteConnection {
    if (this.#connection) return this.#connection;
    const current = (): boolean => this.#connection === connection;
    const scanner = new ReplyScanner((status) => {
      this.#unanswered = Math.max(0, this.#unanswered - 1);
      this.#answered += 1;
      this.#mute = false;
      if (status >= 300) this.#options.counters.refusedPosts += 1;
    });
    const connection = this.#options.network.connect(this.#options.address, {
      onOpen: () => undefined,
      onBytes: (bytes) => {
        if (!current()) return;
        this.#used = true;
        if (!scanner.push(bytes)) this.#break('the peer does not answer in HTTP');
      },
      onClose: (reason) => {
        if (current()) this.#break(reason);
      },
    });
    this.#connection = connection;
    return connection;
  }

  #idleTimer(): Disposable {
    return this.#options.clock.timer(POST_FORM_MS, () => {
      this.#mute = !this.#used && this.#answered === 0 && this.#unanswered > 0;
      if (!this.#used && !this.#linked && this.#awaited === 0) {
        this.#owner?.onIdle();
        return;
      }
      this.#used = false;
      this.#timer = this.#idleTimer();
    });
  }

  #break(reason: string): void {
    const owner = this.#owner;
    if (!owner) return;
    this.#options.counters.droppedMessages += this.#unanswered;
    this.terminate();
    owner.onBroken(reason);
  }

  #detach(): ByteConnection | undefined {
    const connection = this.#connection;
    this.#owner = undefined;
    this.#connection = undefined;
    this.#waiting = [];
    this.#timer[Symbol.dispose]();
    return connection;
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
