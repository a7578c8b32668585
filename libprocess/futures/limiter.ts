import type { Clock, Millis } from '../clock.ts';
import { Fifo } from './fifo.ts';
import { Future, FuturePromise } from '../future.ts';

/** The rate of a `RateLimiter`, and the clock that it is measured by. */
export interface RateLimiterOptions {
  readonly clock: Clock;
  /** How many permits are given in `periodMs`, evenly spread. */
  readonly permits: number;
  readonly periodMs: Millis;
}

/**
 * Gives permits at a rate, in the order in which they are asked for. One that is discarded while it
 * waits costs nothing: its turn is that of the next. Disposing abandons what waits.
 */
export class RateLimiter implements Disposable {
  readonly #clock: Clock;
  readonly #intervalMs: Millis;
  readonly #waiting = new Fifo<FuturePromise<void>>();
  /** Monotonic time of the next permit. */
  #nextMs: Millis = -Infinity;
  #timer: Disposable | undefined;

  constructor({ clock, permits, periodMs }: RateLimiterOptions) {
    this.#clock = clock;
    this.#intervalMs = periodMs / permits;
  }

  /** Ready when the permit is there. */
  acquire(): Future<void> {
    const nowMs = this.#clock.monotonic();
    if (!this.#timer && nowMs >= this.#nextMs) {
      this.#nextMs = nowMs + this.#intervalMs;
      return Future.ready();
    }
    const permit = new FuturePromise<void>();
    permit.future.onDiscard(() => permit.discard());
    this.#waiting.push(permit);
    this.#wait();
    return permit.future;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    for (let permit = this.#waiting.shift(); permit; permit = this.#waiting.shift()) {
      permit.abandon();
    }
  }

  #wait(): void {
    this.#timer ??= this.#clock.timer(this.#nextMs - this.#clock.monotonic(), () => {
      this.#timer = undefined;
      this.#give();
    });
  }

  #give(): void {
    let permit = this.#waiting.shift();
    while (permit && !permit.future.isPending) permit = this.#waiting.shift();
    if (!permit) return;
    this.#nextMs = this.#clock.monotonic() + this.#intervalMs;
    if (this.#waiting.size > 0) this.#wait();
    permit.set(undefined);
  }
}
