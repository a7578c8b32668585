import type { Socket } from 'node:net';
import type { ByteConnection, ByteConnectionEvents } from '../../network.ts';
import type { DialTarget, TlsDialer } from './tls-dialer.ts';

/**
 * A byte connection that is secured before anything leaves: what is written meanwhile waits here. Its owner
 * bounds it by `bufferedBytes`, as if it waited in a socket.
 */
export class TlsBytes implements ByteConnection {
  readonly #dial: Disposable;
  #socket: Socket | undefined;
  #waiting: { readonly bytes: Uint8Array; readonly onSent: (() => void) | undefined }[] = [];
  #waitingBytes = 0;
  #closing = false;
  #paused = false;
  #ended = false;

  constructor(dialer: TlsDialer, target: DialTarget, events: ByteConnectionEvents) {
    this.#dial = dialer.dial(target, (error, socket) => {
      if (socket) this.#opened(socket, events);
      else this.#end(events, error?.message ?? 'closed');
    });
  }

  get bufferedBytes(): number {
    return this.#waitingBytes + (this.#socket?.writableLength ?? 0);
  }

  write(bytes: Uint8Array, onSent?: () => void): void {
    if (this.#socket) {
      if (this.#socket.writable) this.#socket.write(bytes, (error) => error ?? onSent?.());
      return;
    }
    this.#waiting.push({ bytes, onSent });
    this.#waitingBytes += bytes.length;
  }

  pause(): void {
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket?.resume();
  }

  close(): void {
    this.#closing = true;
    if (!this.#socket) return;
    this.#socket.end();
    this.#socket.unref();
  }

  terminate(): void {
    this.#dial[Symbol.dispose]();
    this.#socket?.destroy();
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #opened(socket: Socket, events: ByteConnectionEvents): void {
    this.#socket = socket;
    let reason = 'closed by the peer';
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('data', (bytes) => {
      events.onBytes(bytes);
    });
    socket.on('close', () => {
      this.#end(events, reason);
    });
    for (const { bytes, onSent } of this.#waiting) {
      socket.write(bytes, (error) => error ?? onSent?.());
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
    events.onOpen();
    if (this.#paused) socket.pause();
    if (this.#closing) this.close();
  }

  #end(events: ByteConnectionEvents, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    events.onClose(reason);
  }
}
