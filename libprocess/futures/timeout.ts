import type { Clock, Millis } from '../clock.ts';
import { toMs, type Duration } from '../duration.ts';

/**
 * A deadline: a moment of the monotonic time of one clock. It sets no timer; whoever waits for several
 * things in turn gives each what `remainingMs` says. Those of one clock can be compared: `a < b` if `a` is
 * due first.
 */
export class Timeout {
  readonly #clock: Clock;
  /** In the monotonic time of its clock. */
  readonly atMs: Millis;

  private constructor(clock: Clock, atMs: Millis) {
    this.#clock = clock;
    this.atMs = atMs;
  }

  /** `duration` from now. `Infinity` is never; what is not above zero has expired already. */
  static in(clock: Clock, duration: Duration): Timeout {
    return new Timeout(clock, clock.monotonic() + toMs(duration));
  }

  /** What is left; 0 once it has expired. */
  get remainingMs(): Millis {
    return Math.max(0, this.atMs - this.#clock.monotonic());
  }

  /** From the very moment on. */
  get expired(): boolean {
    return this.atMs <= this.#clock.monotonic();
  }

  /** Whether both are due at once. */
  equals(other: Timeout): boolean {
    return this.atMs === other.atMs;
  }

  /** What `<` compares. */
  valueOf(): Millis {
    return this.atMs;
  }
}
