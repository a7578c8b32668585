import { NetworkError } from '../errors.ts';
import { Future } from '../future.ts';
import { Waiters } from '../futures/waiters.ts';
import { Fifo } from '../collections/fifo.ts';
import type { Socket } from './sockets.ts';

/** Connections that have come and were not accepted, and those who wait for one. */
export class AcceptQueue {
  readonly #backlog: number;
  readonly #arrived = new Fifo<Socket>();
  readonly #waiting = new Waiters<Socket>();
  #closed = false;

  constructor(backlog: number) {
    this.#backlog = backlog;
  }

  /** Closes it if nobody can be expected to take it. */
  push(socket: Socket): void {
    const waiting = this.#waiting.next();
    if (waiting) waiting.set(socket);
    else if (this.#closed || this.#arrived.size >= this.#backlog) socket.close();
    else this.#arrived.push(socket);
  }

  accept(): Future<Socket> {
    if (this.#closed) {
      return Future.failed(new NetworkError('EINVAL', 'Failed to accept: the socket is closed'));
    }
    const arrived = this.#arrived.shift();
    return arrived ? Future.ready(arrived) : this.#waiting.wait();
  }

  close(): void {
    this.#closed = true;
    for (let socket = this.#arrived.shift(); socket; socket = this.#arrived.shift()) socket.close();
    this.#waiting.settleAll((waiting) => {
      waiting.discard();
    });
  }
}
