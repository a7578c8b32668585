import type { Millis } from '../../clock.ts';
import { diskError } from '../system-errors.ts';

/** Brief calls in one turn of the event loop; the next ones wait for another turn. */
const SLICE_MS: Millis = 2;
/** A call that takes so long was made to wait for the disk. */
const SLOW_CALL_MS: Millis = 5;
/** For so many times as long all calls go to the thread pool: a slow disk has a tenth of the thread. */
const POOLED_FACTOR = 9;

/** One operation, told both ways: in this thread, and by the thread pool. */
export interface Call<T> {
  readonly what: string;
  readonly brief: () => T;
  readonly pooled: () => Promise<T>;
}

/**
 * Calls that the kernel answers from its caches: 2 to 20 microseconds each in this thread, 15 to 100 by
 * way of the thread pool, most of it spent on waking threads. The loop goes on in between, and as
 * soon as the kernel makes one of them wait for the disk, the pool takes over.
 */
export class BriefCalls {
  #sliceBeganMs: Millis | undefined;
  #pooledUntilMs: Millis = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #nowMs: () => Millis;

  constructor(nowMs: () => Millis = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Starts in the order of the calls. Rejects with `DiskError`. */
  run<T>(call: Call<T>): Promise<T> {
    if (this.#waiting.length === 0 && this.#hasTime()) return this.#start(call);
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        resolve(this.#start(call));
      });
    });
  }

  #hasTime(): boolean {
    if (this.#sliceBeganMs === undefined) {
      this.#sliceBeganMs = this.#nowMs();
      setImmediate(() => {
        this.#turn();
      });
    }
    return this.#nowMs() - this.#sliceBeganMs < SLICE_MS;
  }

  #turn(): void {
    this.#sliceBeganMs = undefined;
    let started = 0;
    while (started < this.#waiting.length && this.#hasTime()) {
      this.#waiting[started]?.();
      started += 1;
    }
    this.#waiting.splice(0, started);
  }

  async #start<T>({ what, brief, pooled }: Call<T>): Promise<T> {
    const beganMs = this.#nowMs();
    try {
      if (beganMs < this.#pooledUntilMs) return await pooled();
      const result = brief();
      const endedMs = this.#nowMs();
      if (endedMs - beganMs > SLOW_CALL_MS) {
        this.#pooledUntilMs = endedMs + (endedMs - beganMs) * POOLED_FACTOR;
      }
      return result;
    } catch (cause) {
      throw diskError(what, cause);
    }
  }
}
