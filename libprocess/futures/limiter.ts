import type { Clock, Millis } from '../clock.ts';
import { RuntimeError } from '../errors.ts';
import { Future } from '../future.ts';
import { Timeout } from './timeout.ts';
import { Waiters } from './waiters.ts';

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
  readonly #waiting = new Waiters<void>();
  /** Of the next permit. */
  #next: Timeout;
  #timer: Disposable | undefined;

  /** Throws `RuntimeError` with `INVALID_RATE` unless both numbers are finite and above zero. */
  constructor({ clock, permits, periodMs }: RateLimiterOptions) {
    if (![permits, periodMs].every((each) => each > 0 && Number.isFinite(each)))
      throw new RuntimeError(
        'INVALID_RATE',
        `Invalid rate of ${permits} permits in ${periodMs} ms: expecting numbers above zero`,
      );
    this.#clock = clock;
    this.#intervalMs = periodMs / permits;
    this.#next = Timeout.in(clock, 0);
  }

  /** Ready when the permit is there. */
  acquire(): Future<void> {
    if (!this.#timer && this.#next.expired) {
      this.#next = Timeout.in(this.#clock, this.#intervalMs);
      return Future.ready();
    }
    const permit = this.#waiting.wait();
    this.#wait();
    return permit;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#waiting.settleAll((permit) => {
      permit.abandon('the rate limiter was disposed');
    });
  }

  #wait(): void {
    this.#timer ??= this.#clock.timer(this.#next.remainingMs, () => {
      this.#timer = undefined;
      this.#give();
    });
  }

  #give(): void {
    const permit = this.#waiting.next();
    if (!permit) return;
    this.#next = Timeout.in(this.#clock, this.#intervalMs);
    if (this.#waiting.size > 0) this.#wait();
    permit.set(undefined);
  }
}
