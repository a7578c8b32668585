import { attempt, type Future, FuturePromise } from './future.ts';

/**
 * Runs callbacks one after another: the next begins when the future of the one before has
 * completed, however it completed. Discarding one's future takes it out of the queue, or asks the
 * running one to give up; the others are not touched.
 */
export class Sequence {
  readonly #waiting: (() => void)[] = [];
  #running = false;

  add<T>(callback: () => T | PromiseLike<T>): Future<T> {
    const promise = new FuturePromise<T>();
    this.#waiting.push(() => {
      if (promise.future.hasDiscard) {
        promise.discard();
        this.#next();
        return;
      }
      const running = attempt(callback);
      promise.associate(running);
      running.onAny(() => {
        this.#next();
      });
      running.onAbandoned(() => {
        this.#next();
      });
    });
    if (!this.#running) this.#next();
    return promise.future;
  }

  #next(): void {
    const next = this.#waiting.shift();
    this.#running = next !== undefined;
    next?.();
  }
}
