import { Fifo } from '../collections/fifo.ts';
import { type Future, FuturePromise } from '../future.ts';

/** Who waits for a value each, in the order in which they came. Discarding a future gives its place up. */
export class Waiters<T> {
  readonly #waiting = new Fifo<FuturePromise<T>>();

  /** With those that gave up and are not taken out yet: zero says that nobody waits. */
  get size(): number {
    return this.#waiting.size;
  }

  wait(): Future<T> {
    const promise = new FuturePromise<T>();
    promise.future.onDiscard(() => {
      promise.discard();
      this.#waiting.gaveUp(({ future }) => future.isPending);
    });
    this.#waiting.push(promise);
    return promise.future;
  }

  /** Whoever has waited longest and still does, taken out. */
  next(): FuturePromise<T> | undefined {
    let next = this.#waiting.shift();
    while (next && !next.future.isPending) next = this.#waiting.shift();
    return next;
  }

  /** Takes all out who wait now, in order, and completes them by `settle`. */
  settleAll(settle: (promise: FuturePromise<T>) => void): void {
    for (let left = this.#waiting.size; left > 0; left -= 1) {
      const next = this.next();
      if (next) settle(next);
    }
  }
}
