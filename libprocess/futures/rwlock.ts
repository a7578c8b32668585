import { Fifo } from '../collections/fifo.ts';
import { Future, FuturePromise } from '../future.ts';
import { Hold } from './hold.ts';

interface Waiter {
  readonly writes: boolean;
  readonly promise: FuturePromise<Hold>;
}

/**
 * Any number of readers, or one writer, in the order in which they ask: a reader that comes while a
 * writer waits is behind it, so that none starves. Discarding a future gives its place up.
 */
export class ReadWriteLock {
  readonly #waiting = new Fifo<Waiter>();
  #readers = 0;
  #writing = false;

  /** Held beside other readers: `using held = await lock.readLock()`. */
  readLock(): Future<Hold> {
    return this.#lock(false);
  }

  /** Held alone. */
  writeLock(): Future<Hold> {
    return this.#lock(true);
  }

  #lock(writes: boolean): Future<Hold> {
    if (this.#waiting.size === 0 && this.#isFreeFor(writes))
      return Future.ready(this.#take(writes));
    const promise = new FuturePromise<Hold>();
    promise.future.onDiscard(() => {
      promise.discard();
      this.#waiting.gaveUp((waiter) => waiter.promise.future.isPending);
      this.#grant(); // A writer that gives up lets the readers behind it pass.
    });
    this.#waiting.push({ writes, promise });
    return promise.future;
  }

  #isFreeFor(writes: boolean): boolean {
    return !this.#writing && (!writes || this.#readers === 0);
  }

  #take(writes: boolean): Hold {
    if (writes) this.#writing = true;
    else this.#readers += 1;
    return new Hold(() => {
      if (writes) this.#writing = false;
      else this.#readers -= 1;
      this.#grant();
    });
  }

  #grant(): void {
    for (let next = this.#waiting.first; next; next = this.#waiting.first) {
      const { writes, promise } = next;
      if (promise.future.isPending) {
        if (!this.#isFreeFor(writes)) return;
        this.#waiting.shift();
        promise.set(this.#take(writes));
      } else this.#waiting.shift();
    }
  }
}
