import { type Future, FuturePromise } from '../future.ts';
import { Shared } from './shared.ts';

/** Ready once `count` things have happened. */
export class CountDownLatch {
  readonly #triggered = new FuturePromise<void>();
  readonly #shared = new Shared(this.#triggered.future);
  #count: number;

  constructor(count = 1) {
    this.#count = count;
    if (count <= 0) this.#triggered.set(undefined);
  }

  /** How many things are still to happen; never less than zero. */
  get count(): number {
    return Math.max(0, this.#count);
  }

  decrement(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#triggered.set(undefined);
  }

  /** Each caller has a future of its own: discarding it is heard by nobody else. */
  triggered(): Future<void> {
    return this.#shared.wait();
  }
}
