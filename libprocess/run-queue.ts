import type { Millis } from './clock.ts';
import type { Runtime } from './runtime.ts';

/** Something with work to do, chained into the run queue while it waits for its turn. */
export interface Runnable {
  nextRunnable: Runnable | undefined;
  /** Does up to `quantum` pieces of work; returns how many, and queues itself again if more is left. */
  runSome(quantum: number): number;
}

/** Messages that one actor may handle before the next gets its turn. */
const QUANTUM_MESSAGES = 64;
/** Messages handled before the event loop serves sockets and timers again. */
const SLICE_MESSAGES_MAX = 2_048;
/** The same in time, looked at between actors. */
const SLICE_MS_MAX: Millis = 2;

/**
 * The actors of one node that have mail, in first-come order. Drained in slices: one in each turn of
 * the event loop, and one more for the first frame that a turn brings. Drains driven by microtasks
 * would starve sockets and timers.
 */
export class RunQueue {
  readonly #runtime: Runtime;
  #head: Runnable | undefined;
  #tail: Runnable | undefined;
  #scheduled = false;
  /** Called at the end of each slice, for example to flush what it sent. */
  onSliceEnd: (() => void) | undefined;
  /** For tests: gives a runnable its turn, instead of the queue, and knows whose turn it is. */
  around: ((runnable: Runnable, quantum: number) => number) | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Whether there is nothing to run. */
  get idle(): boolean {
    return !this.#scheduled;
  }

  push(runnable: Runnable): void {
    runnable.nextRunnable = undefined;
    if (this.#tail) this.#tail.nextRunnable = runnable;
    else this.#head = runnable;
    this.#tail = runnable;
    this.ensureSlice();
  }

  /** Sees to it that a slice ends soon, though nobody may have mail: `onSliceEnd` is called then. */
  ensureSlice(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#runtime.schedule(this.#slice);
  }

  /**
   * Runs `event`, which came from outside, and then at once a slice of the mail that it brought: an
   * answer waits for no turn of the event loop. Only the first event of a turn is so quick. The
   * others wait for the slice that is due in that turn anyway, and find company for their batches;
   * so sockets and timers wait for two slices at most.
   */
  runNow(event: () => void): void {
    if (this.#scheduled) {
      event();
      return;
    }
    this.#scheduled = true;
    try {
      event();
      this.#drain();
      this.onSliceEnd?.();
    } finally {
      this.#runtime.schedule(this.#slice);
    }
  }

  readonly #slice = (): void => {
    try {
      this.#drain();
      this.onSliceEnd?.();
    } finally {
      // Whatever went wrong, the node goes on with what is left.
      if (this.#head) this.#runtime.schedule(this.#slice);
      else this.#scheduled = false;
    }
  };

  #drain(): void {
    const { around } = this;
    const { clock } = this.#runtime;
    const deadline = clock.monotonic() + SLICE_MS_MAX;
    let left = this.#runtime.sliceMessages?.() ?? SLICE_MESSAGES_MAX;
    const quantum = Math.min(QUANTUM_MESSAGES, left);
    let untilTimeCheck = QUANTUM_MESSAGES;
    for (let next = this.#head; next; next = this.#head) {
      this.#head = next.nextRunnable;
      if (!this.#head) this.#tail = undefined;
      const done = around ? around(next, quantum) : next.runSome(quantum);
      left -= done;
      untilTimeCheck -= done;
      if (left <= 0) return;
      if (untilTimeCheck > 0) continue;
      untilTimeCheck = QUANTUM_MESSAGES;
      if (clock.monotonic() >= deadline) return;
    }
  }
}
