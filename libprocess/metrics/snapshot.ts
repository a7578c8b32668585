import type { Millis } from '../clock.ts';
import { toMs, type Duration } from '../duration.ts';
import { Future, FuturePromise } from '../future.ts';
import type { Runtime } from '../runtime.ts';
import { Timeout } from '../futures/timeout.ts';
import type { Metric, Sample } from './metrics.ts';
import type { SortedMetrics } from './sorted-metrics.ts';

/** What a snapshot has of one key. */
export interface Reading {
  readonly metric: Metric;
  readonly key: string;
  readonly value: number;
}

export interface SnapshotOptions {
  /** What is not known within it is left out. Default: no limit. */
  readonly timeout?: Duration;
}

export type SnapshotRuntime = Pick<Runtime, 'clock' | 'schedule'>;

/** How long a snapshot holds the event loop before it lets sockets and timers in. */
const SLICE_MS_MAX: Millis = 2;
/** The same in steps of a few hundred metrics, for clocks that stand still meanwhile. */
const SLICE_STEPS_MAX = 16;
/** Readings handed out in one step. */
const READINGS_PER_STEP = 256;

/**
 * Samples all metrics, waits for those that take time, and hands out what is known in the order of the
 * keys: a few milliseconds at a time, however many there are. What comes or goes meanwhile may be in it or not.
 */
export class Snapshot {
  readonly #runtime: SnapshotRuntime;
  readonly #read: Metric[] = [];
  readonly #samples: Sample[] = [];
  /** Samples that are still to come, and one for the sampling itself. */
  #waiting = 1;
  readonly #known = new FuturePromise<void>();

  constructor(runtime: SnapshotRuntime) {
    this.#runtime = runtime;
  }

  /** Samples `metrics`; ready when all is known, or the time is up. */
  sample(metrics: SortedMetrics, { timeout }: SnapshotOptions): Future<void> {
    const { clock } = this.#runtime;
    const timer =
      timeout === undefined
        ? undefined
        : clock.timer(toMs(timeout), () => this.#known.set(undefined));
    inSlices(this.#runtime, this.#sampling(metrics))
      .onReady(() => {
        this.#arrived();
      })
      .onFailed((error) => this.#known.fail(error));
    return this.#known.future.onAny(() => timer?.[Symbol.dispose]());
  }

  /** Ready when `take` has had everything. */
  handOut(take: (reading: Reading) => void): Future<void> {
    return inSlices(this.#runtime, this.#handingOut(take));
  }

  *#sampling(metrics: SortedMetrics): Generator<undefined, void> {
    for (let some = metrics.after(undefined); some.length > 0;) {
      for (const metric of some) this.#sampleOne(metric);
      yield;
      some = metrics.after(some.at(-1)?.name);
    }
  }

  #sampleOne(metric: Metric): void {
    const place = this.#samples.length;
    const sample = metric.sample();
    this.#read.push(metric);
    if (!(sample instanceof Future)) {
      this.#samples.push(sample);
      return;
    }
    this.#samples.push(undefined);
    this.#waiting += 1;
    sample.onSettled(() => {
      if (sample.isReady) this.#samples[place] = sample.value;
      this.#arrived();
    });
  }

  #arrived(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#known.set(undefined);
  }

  *#handingOut(take: (reading: Reading) => void): Generator<undefined, void> {
    const others = this.#others();
    let next = 0;
    for (const [place, metric] of this.#read.entries()) {
      if (place % READINGS_PER_STEP === 0) yield;
      const { name: key } = metric;
      for (let other = others[next]; other && other.key < key; other = others[next]) {
        next += 1;
        take(other);
      }
      const sample = this.#samples[place];
      const value = typeof sample === 'object' ? sample.get(key) : sample;
      if (value !== undefined) take({ metric, key, value });
    }
    for (let other = others[next]; other; other = others[next]) {
      if (next % READINGS_PER_STEP === 0) yield;
      next += 1;
      take(other);
    }
  }

  /** What metrics have under other keys than their names, in order. Few metrics have such. */
  #others(): readonly Reading[] {
    const others: Reading[] = [];
    for (const [place, sample] of this.#samples.entries()) {
      const metric = this.#read[place];
      if (typeof sample !== 'object' || !metric) continue;
      for (const [key, value] of sample) {
        if (key !== metric.name) others.push({ metric, key, value });
      }
    }
    return others.sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}

/** Goes through `steps`, and lets the event loop do other things every few milliseconds. */
function inSlices(runtime: SnapshotRuntime, steps: Iterator<undefined, void>): Future<void> {
  const done = new FuturePromise<void>();
  const slice = (): void => {
    const timeout = Timeout.in(runtime.clock, SLICE_MS_MAX);
    for (let step = 0; step < SLICE_STEPS_MAX; step += 1) {
      if (steps.next().done === true) {
        done.set(undefined);
        return;
      }
      if (timeout.expired) break;
    }
    runtime.schedule(guarded);
  };
  const guarded = (): void => {
    try {
      slice();
    } catch (error) {
      done.fail(error);
    }
  };
  guarded();
  return done.future;
}
