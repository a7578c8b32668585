import type { ByteConnection, ByteConnectionEvents } from '../../network.ts';
import type { Incarnation } from '../incarnation.ts';
import type { PipeEnd, PipeHandler, PipeItem } from './pipe.ts';

/** A raw byte connection. Bytes written before it is open are queued. */
export class SimByteConnection implements ByteConnection, PipeHandler {
  readonly #incarnation: Incarnation;
  #events: ByteConnectionEvents | undefined;
  #end: PipeEnd | undefined;
  #early: { readonly bytes: Uint8Array; readonly onSent: (() => void) | undefined }[] = [];
  #closing = false;
  #closed = false;
  #givenUp: () => void = () => undefined;

  constructor(incarnation: Incarnation, events?: ByteConnectionEvents) {
    this.#incarnation = incarnation;
    this.#events = events;
  }

  set events(events: ByteConnectionEvents) {
    this.#events = events;
  }

  get bufferedBytes(): number {
    const early = this.#early.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    return early + (this.#end?.bufferedBytes ?? 0);
  }

  attach(end: PipeEnd): void {
    this.#end = end;
  }

  onGivenUp(listener: () => void): void {
    this.#givenUp = listener;
  }

  opened(end: PipeEnd): void {
    if (this.#closed) {
      end.handler = this;
      end.abort('terminated');
      return;
    }
    this.#end = end;
    end.handler = this;
    // Only what has been said tells a service of bytes that there is a client.
    end.send({ kind: 'bytes', bytes: new Uint8Array(0) }, 0);
    const early = this.#early;
    this.#early = [];
    for (const { bytes, onSent } of early) {
      end.send({ kind: 'bytes', bytes }, bytes.byteLength, onSent);
    }
    this.#events?.onOpen();
    if (this.#closing) end.finish();
  }

  failed(reason: string, clean = false): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events?.onClose(reason, clean);
  }

  write(bytes: Uint8Array, onSent?: () => void): void {
    if (this.#closed || this.#closing) return;
    if (this.#end)
      this.#end.send({ kind: 'bytes', bytes: bytes.slice() }, bytes.byteLength, onSent);
    else this.#early.push({ bytes: bytes.slice(), onSent });
  }

  pause(): void {
    this.#end?.pause();
  }

  resume(): void {
    this.#end?.resume();
  }

  close(): void {
    this.#closing = true;
    this.#end?.finish(); // Else what is queued leaves first.
  }

  terminate(): void {
    if (this.#closed) return;
    if (this.#end) {
      this.#end.abort('terminated');
      return;
    }
    this.#givenUp();
    this.#incarnation.post(() => this.failed('terminated'));
  }

  onItem(item: PipeItem): void {
    if (item.kind === 'bytes' && item.bytes.byteLength > 0) this.#events?.onBytes(item.bytes);
  }

  onClose(reason: string, clean: boolean): void {
    this.failed(reason, clean);
  }
}
