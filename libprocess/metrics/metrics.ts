import assert from 'node:assert/strict';
import type { Future } from '../future.ts';
import { SHOWN_STATISTICS, statisticsOf, type Statistics } from './statistics.ts';
import { TimeSeries, type TimeSeriesOptions } from './time-series.ts';

/** What a value means: `counter` only grows, `gauge` goes up and down, `timer` is a duration. */
export type MetricKind = 'counter' | 'gauge' | 'timer';

/** A value under the name of its metric, or values by key; what is not known is left out. */
export type Sample = number | undefined | ReadonlyMap<string, number>;

/** Something with a value under a name, such as `master/uptime_secs`. */
export interface Metric {
  readonly name: string;
  /** Of the value under `name`, or under another key of its sample. */
  kindOf(key: string): MetricKind;
  /** Its value now. A future that does not become ready leaves it out. */
  sample(): Sample | Future<Sample>;
}

/** With a history a metric shows statistics of its past values, too, under `<name>/p99` and so on. */
export type HistoryOptions = TimeSeriesOptions;

/** A metric that has its value at hand. */
abstract class Held implements Metric {
  readonly name: string;
  readonly #kind: MetricKind;
  readonly #history: TimeSeries | undefined;
  #value = 0;

  constructor(name: string, kind: MetricKind, history: HistoryOptions | undefined) {
    this.name = name;
    this.#kind = kind;
    this.#history = history && new TimeSeries(history);
    this.#history?.set(0);
  }

  get value(): number {
    return this.#value;
  }

  /** Of the past values; undefined without a history, and of less than two. */
  get statistics(): Statistics | undefined {
    return this.#history && statisticsOf(this.#history.values());
  }

  kindOf(key: string): MetricKind {
    return key === this.name ? this.#kind : 'gauge';
  }

  sample(): Sample {
    if (!this.#history) return this.#value;
    return withStatistics(new Map([[this.name, this.#value]]), this.name, this.statistics);
  }

  protected put(value: number): void {
    this.#value = value;
    this.#history?.set(value);
  }
}

/** Only grows, unless it is reset. */
export class Counter extends Held {
  constructor(name: string, history?: HistoryOptions) {
    super(name, 'counter', history);
  }

  increment(by = 1): void {
    assert(by >= 0, 'a counter never goes back');
    this.put(this.value + by);
  }

  reset(): void {
    this.put(0);
  }
}

/** A value that its owner sets. */
export class PushGauge extends Held {
  constructor(name: string, history?: HistoryOptions) {
    super(name, 'gauge', history);
  }

  set(value: number): void {
    this.put(value);
  }

  increment(by = 1): void {
    this.put(this.value + by);
  }

  decrement(by = 1): void {
    this.put(this.value - by);
  }
}

/** Adds what a snapshot shows of the statistics. */
export function withStatistics(
  values: Map<string, number>,
  name: string,
  statistics: Statistics | undefined,
): ReadonlyMap<string, number> {
  if (statistics)
    for (const each of SHOWN_STATISTICS) values.set(`${name}/${each}`, statistics[each]);
  return values;
}
