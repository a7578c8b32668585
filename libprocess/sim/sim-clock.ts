import type { Clock, Millis } from '../clock.ts';
import type { Incarnation } from './incarnation.ts';

/** How the wall clock of a machine differs from the world's time; an operator may set it. */
export interface WallClock {
  /** Wall time when the world began. */
  originMs: Millis;
}

/** The world's time as one incarnation sees it. Monotonic time counts from the world's beginning. */
export class SimClock implements Clock {
  readonly #incarnation: Incarnation;
  readonly #wall: WallClock;

  constructor(incarnation: Incarnation, wall: WallClock) {
    this.#incarnation = incarnation;
    this.#wall = wall;
  }

  now(): Millis {
    return Math.floor(this.#wall.originMs + this.#incarnation.world.nowMs);
  }

  monotonic(): Millis {
    return this.#incarnation.world.nowMs;
  }

  nanoseconds(): bigint {
    const micros = Math.floor(this.#incarnation.world.nowMs * 1_000);
    return BigInt(Math.floor(this.#wall.originMs)) * 1_000_000n + BigInt(micros) * 1_000n;
  }

  timer(delayMs: Millis, thunk: () => void): Disposable {
    return this.#incarnation.after(delayMs, thunk);
  }
}
