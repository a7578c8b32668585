import type { Socket } from 'node:net';
import type { ByteConnection, ByteConnectionEvents } from '../../network.ts';
import type { DialTarget, TlsDialer } from './tls-dialer.ts';

/**
 * A byte connection that is secured before anything leaves: what is written meanwhile waits here. Its owner
 * bounds it by `bufferedBytes`, as if it waited in a socket.
 */
export class TlsBytes implements ByteConnection {
  readonly #dial: Disposable;
  readonly #events: ByteConnectionEvents;
  #socket: Socket | undefined;
  #waiting: { readonly bytes: Uint8Array; readonly onSent: (() => void) | undefined }[] = [];
  #waitingBytes = 0;
  #closing = false;
  #paused = false;
  #ended = false;

  constructor(dialer: TlsDialer, target: DialTarget, events: ByteConnectionEvents) {
    this.#events = events;
    this.#dial = dialer.dial(target, (error, socket) => {
      if (socket) this.#opened(socket);
      else this.#end(error?.message ?? 'closed');
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
    if (this.#closing) return;
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
    if (this.#socket) this.#socket.destroy();
    else setImmediate(() => this.#end('terminated'));
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #opened(socket: Socket): void {
    const events = this.#events;
    this.#socket = socket;
    let reason = 'closed by the peer';
    let clean = false;
    socket.on('end', () => {
      // Anybody on the way can end a connection of TLS, and Node.js does not say who did. One that was downgraded
      // makes no such promise.
      clean = !('encrypted' in socket);
    });
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('data', (bytes) => {
      events.onBytes(bytes);
    });
    socket.on('close', () => {
      this.#end(reason, clean);
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

  #end(reason: string, clean = false): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.onClose(reason, clean);
  }
}
