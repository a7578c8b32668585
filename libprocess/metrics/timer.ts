import type { Clock, Millis } from '../clock.ts';
import type { Duration } from '../duration.ts';
import type { Future } from '../future.ts';
import { withStatistics, type Metric, type MetricKind, type Sample } from './metrics.ts';
import { statisticsOf, type Statistics } from './statistics.ts';
import { TimeSeries } from './time-series.ts';

/** Milliseconds of each unit that a timer may count in; its name ends in the unit (duration.hpp). */
const UNIT_MS = { ns: 1e-6, us: 1e-3, ms: 1, secs: 1_000, mins: 60_000, hrs: 3_600_000 } as const;

/** What a timer counts in. */
export type TimerUnit = keyof typeof UNIT_MS;

/** What a `Timer` measures with, and keeps. */
export interface TimerOptions {
  readonly clock: Clock;
  /** Default: `ms`. */
  readonly unit?: TimerUnit;
  /** Show statistics of the durations of the latest time; none without it. */
  readonly window?: Duration;
  /** How many durations of the window are kept, older ones thinned out. Default: 1,000. */
  readonly capacity?: number;
}

/**
 * How long something takes that happens again and again: the last duration under the name of the timer, `name`
 * and the unit, such as `allocator/run_ms`. One that has measured nothing is left out.
 */
export class Timer implements Metric {
  readonly name: string;
  readonly #clock: Clock;
  readonly #unitMs: number;
  readonly #history: TimeSeries | undefined;
  #startedMs: Millis | undefined;
  #last: number | undefined;
  #count = 0;
  #sum = 0;

  constructor(name: string, { clock, unit = 'ms', window, capacity }: TimerOptions) {
    this.name = `${name}_${unit}`;
    this.#clock = clock;
    this.#unitMs = UNIT_MS[unit];
    if (window === undefined) return;
    this.#history = new TimeSeries({
      clock,
      window,
      ...(capacity !== undefined && { capacity }),
    });
  }

  /** The last duration, in the unit of the timer; undefined before the first. */
  get value(): number | undefined {
    return this.#last;
  }

  /** How many durations there have been, ever, and their sum in the unit of the timer. */
  get total(): { readonly count: number; readonly sum: number } {
    return { count: this.#count, sum: this.#sum };
  }

  get statistics(): Statistics | undefined {
    return this.#history && statisticsOf(this.#history.values());
  }

  start(): void {
    this.#startedMs = this.#clock.monotonic();
  }

  /** Ends what `start` began and returns its duration; 0, and nothing is counted, if nothing runs. */
  stop(): Millis {
    const startedMs = this.#startedMs;
    if (startedMs === undefined) return 0;
    this.#startedMs = undefined;
    return this.#since(startedMs);
  }

  /** Measures how long `future` takes from now on, however it ends. Any number at a time. */
  time<T>(future: Future<T>): Future<T> {
    const startedMs = this.#clock.monotonic();
    return future.onAny(() => this.#since(startedMs));
  }

  /** Counts a duration that was measured otherwise. */
  record(spanMs: Millis): void {
    const value = spanMs / this.#unitMs;
    this.#last = value;
    this.#count += 1;
    this.#sum += value;
    this.#history?.set(value);
  }

  kindOf(key: string): MetricKind {
    return key === this.name ? 'timer' : 'gauge';
  }

  sample(): Sample {
    if (!this.#history || this.#last === undefined) return this.#last;
    return withStatistics(new Map([[this.name, this.#last]]), this.name, this.statistics);
  }

  #since(startedMs: Millis): Millis {
    const spanMs = this.#clock.monotonic() - startedMs;
    this.record(spanMs);
    return spanMs;
  }
}
