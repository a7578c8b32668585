import { Fifo } from '../collections/fifo.ts';
import { Future } from '../future.ts';
import { Waiters } from './waiters.ts';

/** Values for whoever asks first; `get` waits when there is none. */
export class Queue<T> {
  readonly #values = new Fifo<{ readonly value: T }>();
  readonly #getters = new Waiters<T>();

  put(value: T): void {
    const getter = this.#getters.next();
    if (getter) getter.set(value);
    else this.#values.push({ value });
  }

  /** The oldest value, now or later. Discarding the future gives the place up. */
  get(): Future<T> {
    const oldest = this.#values.shift();
    return oldest ? Future.ready(oldest.value) : this.#getters.wait();
  }

  get size(): number {
    return this.#values.size;
  }
}
