import { Fifo } from '../collections/fifo.ts';
import { attempt, type Future, FuturePromise } from '../future.ts';

/**
 * Runs callbacks one after another: the next begins when the future of the one before has
 * completed, however it completed. Discarding one's future takes it out of the queue, or asks the
 * running one to give up; the others are not touched. Disposing it abandons what waits and whatever comes
 * later; what runs ends.
 */
export class Sequence implements Disposable {
  readonly #waiting = new Fifo<Entry>();
  #running = false;
  #disposed = false;

  add<T>(callback: () => T | PromiseLike<T>): Future<T> {
    const promise = new FuturePromise<T>();
    if (this.#disposed) {
      promise.abandon(DISPOSED);
      return promise.future;
    }
    promise.future.onDiscard(() => {
      if (entry.started) return;
      promise.discard();
      this.#waiting.gaveUp((each) => !each.givenUp());
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
      abandon: () => {
        promise.abandon(DISPOSED);
      },
    };
    this.#waiting.push(entry);
    if (!this.#running) this.#next();
    return promise.future;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) next.abandon();
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

const DISPOSED = 'the sequence was disposed';

interface Entry {
  started: boolean;
  /** Whether it was given up while it waited. */
  givenUp(): boolean;
  start(): Future<unknown>;
  abandon(): void;
}
