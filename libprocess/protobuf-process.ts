import assert from 'node:assert/strict';
import type { MessageType } from './message.ts';
import { INSTALL, keepOwn, SENDER } from './plumbing.ts';
import { Process } from './process.ts';
import type { UPID } from './upid.ts';

/** A process that speaks wire messages: `install` its handlers in the constructor, all together. */
export abstract class ProtobufProcess extends Process {
  static {
    keepOwn(this.prototype);
  }

  /**
   * Handles messages of `type`. Malformed ones are dropped, counted and logged once per peer; they
   * never reach the handler.
   */
  protected install<M>(type: MessageType<M>, handler: (from: UPID, message: M) => void): void {
    this[INSTALL](type.fullName, { type, handle: handler });
  }

  /** Sends to whoever sent the message being handled. */
  protected reply<M>(type: MessageType<M>, message: M): void {
    const sender = this[SENDER];
    assert(sender, 'a message is being handled');
    this.send(sender, type, message);
  }
}
