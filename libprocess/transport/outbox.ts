import type { Message } from '../message.ts';
import { OUTBOX_BYTES_MAX, OUTBOX_MESSAGES_MAX } from './limits.ts';

/** Messages that wait for a connection, in order. Bounded in number and in bytes. */
export class Outbox {
  #messages: Message[] = [];
  #bytes = 0;

  get size(): number {
    return this.#messages.length;
  }

  /** False once a limit is passed: what is in it must then be given up as a whole. */
  push(message: Message): boolean {
    this.#messages.push(message);
    this.#bytes += message.bytes.length + message.to.id.length + message.from.id.length;
    return this.#bytes <= OUTBOX_BYTES_MAX && this.#messages.length <= OUTBOX_MESSAGES_MAX;
  }

  /** Empties it. */
  take(): readonly Message[] {
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    return messages;
  }
}
