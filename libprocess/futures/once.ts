import { attempt, type Future, undiscardable } from '../future.ts';

/**
 * What is done by the first who asks, and waited for by all. It stays done, failed too: whoever wants
 * to try again needs another `Once`.
 */
export class Once<T> {
  #result: Future<T> | undefined;

  /** The result of `callback` if this is the first call, else that of the first. */
  run(callback: () => T | PromiseLike<T>): Future<T> {
    this.#result ??= attempt(callback);
    return undiscardable(this.#result);
  }

  /** Whether somebody has begun. */
  get begun(): boolean {
    return this.#result !== undefined;
  }
}
