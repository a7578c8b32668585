import { Fifo } from './fifo.ts';
import { attempt, type Future, FuturePromise } from '../future.ts';

/**
 * Runs callbacks one after another: the next begins when the future of the one before has
 * completed, however it completed. Discarding one's future takes it out of the queue, or asks the
 * running one to give up; the others are not touched.
 */
export class Sequence {
  readonly #waiting = new Fifo<Entry>();
  #running = false;

  add<T>(callback: () => T | PromiseLike<T>): Future<T> {
    const promise = new FuturePromise<T>();
    promise.future.onDiscard(() => {
      if (!entry.started) promise.discard();
    });
    const entry: Entry = {
      started: false,
      givenUp: () => promise.future.isDiscarded,
      start: () => {
        entry.started = true;
        const running = attempt(callback);
        promise.associate(running);
        return running;
      },
    };
    this.#waiting.push(entry);
    if (!this.#running) this.#next();
    return promise.future;
  }

  #next(): void {
    let next = this.#waiting.shift();
    while (next?.givenUp()) next = this.#waiting.shift();
    this.#running = next !== undefined;
    next?.start().onSettled(() => {
      this.#next();
    });
  }
}

interface Entry {
  started: boolean;
  /** Whether it was given up while it waited. */
  givenUp(): boolean;
  start(): Future<unknown>;
}
