import { Fifo } from './fifo.ts';
import { Future, FuturePromise } from '../future.ts';

/** Values for whoever asks first; `get` waits when there is none. */
export class Queue<T> {
  readonly #values = new Fifo<{ readonly value: T }>();
  readonly #getters = new Set<FuturePromise<T>>();

  put(value: T): void {
    for (const getter of this.#getters) {
      this.#getters.delete(getter);
      if (getter.set(value)) return;
    }
    this.#values.push({ value });
  }

  /** The oldest value, now or later. Discarding the future gives the place up. */
  get(): Future<T> {
    const oldest = this.#values.shift();
    if (oldest) return Future.ready(oldest.value);
    const getter = new FuturePromise<T>();
    getter.future.onDiscard(() => {
      this.#getters.delete(getter);
      getter.discard();
    });
    this.#getters.add(getter);
    return getter.future;
  }

  get size(): number {
    return this.#values.size;
  }
}
