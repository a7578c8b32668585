import type { Clock, Millis } from '../clock.ts';
import { timerDelay } from './timer-delay.ts';

/**
 * The machine's time. A pending timer keeps the operating-system process alive, as Node's own do:
 * whoever sets one disposes it, and a process that does not end has something left to do.
 */
export class NodeClock implements Clock {
  /** Wall time at monotonic zero, as last seen; finer than a millisecond. */
  #originMs = Date.now() - performance.now();

  now(): Millis {
    return Date.now();
  }

  monotonic(): Millis {
    return performance.now();
  }

  nanoseconds(): bigint {
    const monotonicMs = performance.now();
    const wallMs = Date.now();
    // Date.now() is cut to milliseconds; more than that apart, somebody has set the clock.
    const driftMs = this.#originMs + monotonicMs - wallMs;
    if (driftMs < 0 || driftMs >= 1) this.#originMs = wallMs - monotonicMs;
    const originMicros = Math.round(this.#originMs * 1_000);
    return BigInt(originMicros + Math.floor(monotonicMs * 1_000)) * 1_000n;
  }

  timer(delayMs: Millis, thunk: () => void): Disposable {
    return new NodeTimer(delayMs, thunk);
  }
}

/** Node's own timers take 31 bits of milliseconds and fire early by up to one. */
class NodeTimer implements Disposable {
  readonly #dueMs: Millis;
  readonly #thunk: () => void;
  #timeout: NodeJS.Timeout | undefined;

  constructor(delayMs: Millis, thunk: () => void) {
    this.#dueMs = performance.now() + Math.max(0, delayMs);
    this.#thunk = thunk;
    this.#arm();
  }

  #arm(): void {
    const remainingMs = this.#dueMs - performance.now();
    if (Number.isNaN(remainingMs)) return;
    this.#timeout = setTimeout(() => this.#expired(), timerDelay(Math.ceil(remainingMs)));
  }

  #expired(): void {
    this.#timeout = undefined;
    if (performance.now() < this.#dueMs) this.#arm();
    else this.#thunk();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
  }
}
