import { attempt, type Future } from '../future.ts';
import { Shared } from './shared.ts';

/**
 * What is done by the first who asks, and waited for by all. It stays done, failed too: whoever wants
 * to try again needs another `Once`.
 */
export class Once<T> {
  #result: Shared<T> | undefined;

  /**
   * The result of `callback` if this is the first call, else that of the first. Discarding the future gives
   * up waiting for it, and nothing else.
   */
  run(callback: () => T | PromiseLike<T>): Future<T> {
    this.#result ??= new Shared(attempt(callback));
    return this.#result.wait();
  }

  /** Whether somebody has begun. */
  get begun(): boolean {
    return this.#result !== undefined;
  }
}
