import { attempt, type Future } from '../future.ts';
import type { Hold } from './hold.ts';
import { ReadWriteLock } from './rwlock.ts';

/** One holder at a time, in the order in which they ask. */
export class Mutex {
  readonly #lock = new ReadWriteLock();

  /** `using held = await mutex.lock()`. Discarding the future gives the place up. */
  lock(): Future<Hold> {
    return this.#lock.writeLock();
  }

  /** Runs `callback` while it is held: until the future that this returns has completed. */
  run<T>(callback: () => T | PromiseLike<T>): Future<T> {
    return this.lock().then((hold) =>
      attempt(callback).onSettled(() => {
        hold[Symbol.dispose]();
      }),
    );
  }
}
