import type { Connection, ConnectionEvents } from '../../network.ts';
import type { PipeEnd, PipeHandler, PipeItem } from './pipe.ts';
import { digest } from '../trace.ts';

/** A framed connection over a pipe. A reader that is paused, stopped or dead answers no ping. */
export class SimConnection implements Connection, PipeHandler {
  /** A frame arrives whole or not at all. */
  readonly unfinishedBytes = 0;
  readonly #end: PipeEnd;
  #events: ConnectionEvents | undefined;

  constructor(end: PipeEnd) {
    this.#end = end;
  }

  set events(events: ConnectionEvents | undefined) {
    this.#events = events;
  }

  get remoteAddress(): string {
    return this.#end.remoteAddress;
  }

  get bufferedBytes(): number {
    return this.#end.bufferedBytes;
  }

  send(frame: Uint8Array, onSent?: () => void): void {
    this.#end.send({ kind: 'frame', frame: frame.slice() }, frame.byteLength, onSent);
  }

  ping(): void {
    this.#end.send({ kind: 'ping' }, 0);
  }

  pause(): void {
    this.#end.pause();
  }

  resume(): void {
    this.#end.resume();
  }

  close(): void {
    this.#end.finish();
  }

  terminate(): void {
    this.#end.abort('terminated');
  }

  onItem(item: PipeItem): void {
    if (item.kind === 'frame') {
      this.#end.incarnation.record(
        `frame ${this.remoteAddress} ${item.frame.byteLength} ${digest(item.frame)}`,
      );
      this.#events?.onFrame(item.frame);
    } else if (item.kind === 'ping') {
      this.#end.send({ kind: 'pong' }, 0);
    } else if (item.kind === 'pong') {
      this.#events?.onPong();
    }
  }

  onClose(reason: string): void {
    this.#end.incarnation.record(`closed ${this.remoteAddress} ${reason}`);
    this.#events?.onClose(reason);
  }
}
