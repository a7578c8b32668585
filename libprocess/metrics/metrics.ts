import assert from 'node:assert/strict';
import type { Clock, Millis } from '../clock.ts';
import { Future } from '../future.ts';

/** Something with a value under a name, such as `master/uptime_secs`. */
export interface Metric {
  readonly name: string;
  /** Value by key; the name itself is one of the keys. A value that is not known is left out. */
  sample(): Future<ReadonlyMap<string, number>>;
}

const sampleOf = (name: string, value: number): Future<ReadonlyMap<string, number>> =>
  Future.ready<ReadonlyMap<string, number>>(new Map([[name, value]]));

/** Only grows. */
export class Counter implements Metric {
  readonly name: string;
  #value = 0;

  constructor(name: string) {
    this.name = name;
  }

  get value(): number {
    return this.#value;
  }

  increment(by = 1): void {
    assert(by >= 0, 'a counter never goes back');
    this.#value += by;
  }

  sample(): Future<ReadonlyMap<string, number>> {
    return sampleOf(this.name, this.#value);
  }
}

/** A value that its owner sets. */
export class PushGauge implements Metric {
  readonly name: string;
  #value = 0;

  constructor(name: string) {
    this.name = name;
  }

  get value(): number {
    return this.#value;
  }

  set(value: number): void {
    this.#value = value;
  }

  increment(by = 1): void {
    this.#value += by;
  }

  decrement(by = 1): void {
    this.#value -= by;
  }

  sample(): Future<ReadonlyMap<string, number>> {
    return sampleOf(this.name, this.#value);
  }
}

/** A value that is asked for at each snapshot. One that fails is left out of it. */
export class PullGauge implements Metric {
  readonly name: string;
  readonly #read: () => number | PromiseLike<number>;

  constructor(name: string, read: () => number | PromiseLike<number>) {
    this.name = name;
    this.#read = read;
  }

  sample(): Future<ReadonlyMap<string, number>> {
    return Future.ready()
      .then(() => this.#read())
      .then((value): ReadonlyMap<string, number> => new Map([[this.name, value]]));
  }
}

/** Durations of which a timer keeps its statistics. */
const SAMPLES_MAX = 1_000;
const QUANTILES: readonly (readonly [key: string, quantile: number])[] = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
  ['p9999', 0.9999],
];

/**
 * Durations of something that happens again and again: the latest under its name, and how many,
 * the least, the greatest and the quantiles of the latest thousand under `<name>/count` and so on.
 */
export class Timer implements Metric {
  readonly name: string;
  readonly #clock: Clock;
  readonly #samples: Millis[] = [];
  #count = 0;
  #last: Millis | undefined;

  /** By Mesos's custom `name` ends in `_ms`. */
  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  /** Begins one measurement; the function that is returned ends it. */
  start(): () => Millis {
    const since = this.#clock.monotonic();
    return () => {
      const spanMs = this.#clock.monotonic() - since;
      this.record(spanMs);
      return spanMs;
    };
  }

  record(spanMs: Millis): void {
    this.#samples[this.#count % SAMPLES_MAX] = spanMs;
    this.#count += 1;
    this.#last = spanMs;
  }

  sample(): Future<ReadonlyMap<string, number>> {
    const values = new Map<string, number>();
    const sorted = [...this.#samples].sort((a, b) => a - b);
    if (this.#last !== undefined) values.set(this.name, this.#last);
    values.set(`${this.name}/count`, this.#count);
    if (sorted.length > 0) {
      values.set(`${this.name}/min`, quantile(sorted, 0));
      values.set(`${this.name}/max`, quantile(sorted, 1));
      for (const [key, part] of QUANTILES) {
        values.set(`${this.name}/${key}`, quantile(sorted, part));
      }
    }
    return Future.ready<ReadonlyMap<string, number>>(values);
  }
}

/** Linear between the two nearest samples. */
function quantile(sorted: readonly number[], part: number): number {
  const place = part * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
