import { NetworkError } from '../errors.ts';
import { Future, FuturePromise } from '../future.ts';
import { Fifo } from '../futures/fifo.ts';
import type { Socket } from './sockets.ts';

/** Connections that have come and were not accepted, and those who wait for one. */
export class AcceptQueue {
  readonly #backlog: number;
  readonly #arrived = new Fifo<Socket>();
  readonly #waiting = new Set<FuturePromise<Socket>>();
  #closed = false;

  constructor(backlog: number) {
    this.#backlog = backlog;
  }

  /** Closes it if nobody can be expected to take it. */
  push(socket: Socket): void {
    for (const waiting of this.#waiting) {
      this.#waiting.delete(waiting);
      if (waiting.set(socket)) return;
    }
    if (this.#closed || this.#arrived.size >= this.#backlog) socket.close();
    else this.#arrived.push(socket);
  }

  accept(): Future<Socket> {
    if (this.#closed) {
      return Future.failed(new NetworkError('EINVAL', 'Failed to accept: the socket is closed'));
    }
    const arrived = this.#arrived.shift();
    if (arrived) return Future.ready(arrived);
    const waiting = new FuturePromise<Socket>();
    this.#waiting.add(waiting);
    waiting.future.onDiscard(() => {
      this.#waiting.delete(waiting);
      waiting.discard();
    });
    return waiting.future;
  }

  close(): void {
    this.#closed = true;
    for (let socket = this.#arrived.shift(); socket; socket = this.#arrived.shift()) socket.close();
    for (const waiting of this.#waiting) waiting.discard();
    this.#waiting.clear();
  }
}
