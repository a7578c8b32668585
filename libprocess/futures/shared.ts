import { type Future, FuturePromise, monitorOf } from '../future.ts';

/**
 * One result that many wait for. Each has a future of its own: discarding it gives the wait up, costs
 * nothing from then on, and is heard by nobody else.
 */
export class Shared<T> {
  readonly #source: Future<T>;
  readonly #waiting = new Set<FuturePromise<T>>();

  constructor(source: Future<T>) {
    this.#source = source;
    source.onSettled(() => {
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      for (const promise of waiting) promise.associate(source);
    });
  }

  wait(): Future<T> {
    const promise = new FuturePromise<T>(monitorOf([this.#source]));
    if (!this.#source.isPending || this.#source.isAbandoned) {
      promise.associate(this.#source);
      return promise.future;
    }
    this.#waiting.add(promise);
    promise.future.onDiscard(() => {
      if (this.#waiting.delete(promise)) promise.discard();
    });
    return promise.future;
  }
}
