import { Future, FuturePromise } from './future.ts';

/** Values for whoever asks first; `get` waits when there is none. */
export class Queue<T> {
  readonly #values: T[] = [];
  readonly #getters: FuturePromise<T>[] = [];

  put(value: T): void {
    for (let getter = this.#getters.shift(); getter; getter = this.#getters.shift()) {
      if (getter.set(value)) return;
    }
    this.#values.push(value);
  }

  /** The oldest value, now or later. Discarding the future gives the place up. */
  get(): Future<T> {
    if (this.#values.length > 0) return Future.ready(this.#values.shift() as T);
    const getter = new FuturePromise<T>();
    getter.future.onDiscard(() => getter.discard());
    this.#getters.push(getter);
    return getter.future;
  }

  get size(): number {
    return this.#values.length;
  }
}
