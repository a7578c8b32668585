import type { Clock, Millis } from '../../libprocess/clock.ts';

/** What the clocks of all nodes of one `TestClock` have in common. */
export interface SharedTime {
  readonly paused: boolean;
  /** How far time is ahead of that of the world, or of the moment at which it was stopped. */
  readonly aheadMs: Millis;
  timer(delayMs: Millis, thunk: () => void): Disposable;
}

interface Reading {
  readonly now: Millis;
  readonly monotonic: Millis;
  readonly nanoseconds: bigint;
}

/** The clock of one node, which can be stopped and moved on. */
export class NodeTestClock implements Clock {
  readonly #world: Clock;
  readonly #shared: SharedTime;
  #stopped: Reading | undefined;

  constructor(world: Clock, shared: SharedTime) {
    this.#world = world;
    this.#shared = shared;
    if (shared.paused) this.stop();
  }

  stop(): void {
    const { now, monotonic, nanoseconds } = read(this.#world);
    this.#stopped = { now, monotonic, nanoseconds };
  }

  go(): void {
    this.#stopped = undefined;
  }

  now(): Millis {
    return Math.floor(this.#read().now + this.#shared.aheadMs);
  }

  monotonic(): Millis {
    return this.#read().monotonic + this.#shared.aheadMs;
  }

  nanoseconds(): bigint {
    const aheadMicros = Math.floor(this.#shared.aheadMs * 1_000);
    return this.#read().nanoseconds + BigInt(aheadMicros) * 1_000n;
  }

  timer(delayMs: Millis, thunk: () => void): Disposable {
    return this.#shared.timer(delayMs, thunk);
  }

  #read(): Reading {
    return this.#stopped ?? read(this.#world);
  }
}

const read = (clock: Clock): Reading => ({
  now: clock.now(),
  monotonic: clock.monotonic(),
  nanoseconds: clock.nanoseconds(),
});
