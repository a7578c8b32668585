/** Milliseconds since the Unix epoch, or a span of them; the name of the variable says which. */
export type Millis = number;

/**
 * Time as one node sees it. Wall time may jump when an operator sets it; monotonic time never goes
 * back and is what timers follow.
 */
export interface Clock {
  /** Wall time: milliseconds since the Unix epoch. */
  now(): Millis;
  /** Milliseconds since an arbitrary origin; never goes back. May have a fraction. */
  monotonic(): Millis;
  /** Wall time in nanoseconds since the Unix epoch, for `TimeInfo`. */
  nanoseconds(): bigint;
  /**
   * Runs `thunk` once, at least `delayMs` of monotonic time from now, never synchronously.
   * Disposing the timer cancels it; doing so after it fired does nothing.
   */
  timer(delayMs: Millis, thunk: () => void): Disposable;
}
