import assert from 'node:assert/strict';
import type { Message, MessageType } from './message.ts';
import { CONSUME, INSTALL } from './plumbing.ts';
import { Process } from './process.ts';
import type { UPID } from './upid.ts';

/** A process that speaks wire messages: `install` its handlers in the constructor, all together. */
export abstract class ProtobufProcess extends Process {
  #sender: UPID | undefined;

  /**
   * Handles messages of `type`. Malformed ones are dropped, counted and logged once per peer; they
   * never reach the handler.
   */
  protected install<M>(type: MessageType<M>, handler: (from: UPID, message: M) => void): void {
    this[INSTALL](type.fullName, (message) => {
      let value: M;
      try {
        value = message.as(type);
      } catch (error) {
        this.node.malformed(message, error);
        return;
      }
      handler(message.from, value);
    });
  }

  /** Sends to whoever sent the message being handled. */
  protected reply<M>(type: MessageType<M>, message: M): void {
    assert(this.#sender, 'a message is being handled');
    this.send(this.#sender, type, message);
  }

  /** @internal */
  override [CONSUME](message: Message): void {
    this.#sender = message.from;
    try {
      super[CONSUME](message);
    } finally {
      this.#sender = undefined;
    }
  }
}
