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

  /** Completes all who wait now by `settle`, in order. Who comes meanwhile waits for the next time. */
  settleAll(settle: (promise: FuturePromise<T>) => void): void {
    const waiting: FuturePromise<T>[] = [];
    for (let next = this.next(); next; next = this.next()) waiting.push(next);
    waiting.forEach(settle);
  }
}
