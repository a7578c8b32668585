import type { Clock, Millis } from '../clock.ts';
import { toMs, type Duration } from '../duration.ts';

/** How long values are kept if nothing else is said: two weeks. */
export const TIME_SERIES_WINDOW_MS: Millis = 14 * 86_400_000;
/** How many values are kept if nothing else is said. */
export const TIME_SERIES_CAPACITY = 1_000;
/** Thinning out needs a first, a last and one to take away. */
const CAPACITY_MIN = 3;

/** How much a `TimeSeries` keeps. */
export interface TimeSeriesOptions {
  /** Its monotonic time is that of the values. */
  readonly clock: Clock;
  /** Values older than this are dropped. Default: two weeks. */
  readonly window?: Duration;
  /** More values than this are thinned out; at least 3. Default: 1,000. */
  readonly capacity?: number;
}

/** What a series had at a time. */
export interface TimedValue {
  readonly atMs: Millis;
  readonly value: number;
}

/**
 * Values over time, within a window and a capacity. Above the capacity the older half is thinned
 * out, every other value, again and again: the newest values are all there, and the older they are the
 * further they lie apart. One value for each time: a second one replaces the first.
 */
export class TimeSeries {
  readonly #clock: Clock;
  readonly #windowMs: Millis;
  readonly #capacity: number;
  readonly #times: Millis[] = [];
  readonly #values: number[] = [];
  /** Place of the value that is thinned out next; undefined: start afresh. */
  #next: number | undefined;

  constructor(options: TimeSeriesOptions) {
    const { clock, window = TIME_SERIES_WINDOW_MS, capacity = TIME_SERIES_CAPACITY } = options;
    this.#clock = clock;
    this.#windowMs = toMs(window);
    this.#capacity = Math.max(CAPACITY_MIN, capacity);
  }

  get isEmpty(): boolean {
    return this.#times.length === 0;
  }

  /** The newest value. */
  get latest(): TimedValue | undefined {
    const [atMs, value] = [this.#times.at(-1), this.#values.at(-1)];
    return atMs === undefined || value === undefined ? undefined : { atMs, value };
  }

  set(value: number, atMs: Millis = this.#clock.monotonic()): void {
    const place = this.#placeOf(atMs);
    if (place < this.#times.length) this.#next = undefined;
    const replaces = this.#times[place - 1] === atMs;
    if (replaces) {
      this.#values[place - 1] = value;
    } else {
      this.#times.splice(place, 0, atMs);
      this.#values.splice(place, 0, value);
    }
    this.truncate();
    this.#sparsify();
  }

  /** Oldest first; those from `startMs` to `stopMs`, both included. */
  values(range: { readonly startMs?: Millis; readonly stopMs?: Millis } = {}): number[] {
    const { startMs = -Infinity, stopMs = Infinity } = range;
    return this.#values.filter((_value, place) => {
      const atMs = this.#times[place] ?? 0;
      return atMs >= startMs && atMs <= stopMs;
    });
  }

  /** Drops what has left the window, unless nothing would be left. `set` does it, too. */
  truncate(): void {
    const expired = this.#placeOf(this.#clock.monotonic() - this.#windowMs);
    if (expired === 0 || expired === this.#times.length) return;
    this.#times.splice(0, expired);
    this.#values.splice(0, expired);
    const next = (this.#next ?? 0) - expired;
    this.#next = next > 0 ? next : undefined;
  }

  #sparsify(): void {
    while (this.#times.length > this.#capacity) {
      const half = Math.floor(this.#times.length / 2);
      const place = this.#next === undefined || this.#next > half ? 1 : this.#next;
      this.#times.splice(place, 1);
      this.#values.splice(place, 1);
      this.#next = place + 1;
    }
  }

  /** How many values are not after `atMs`. Nearly always all. */
  #placeOf(atMs: Millis): number {
    let place = this.#times.length;
    if ((this.#times[place - 1] ?? -Infinity) <= atMs) return place;
    let low = 0;
    while (low < place) {
      const middle = (low + place) >>> 1;
      if ((this.#times[middle] ?? 0) <= atMs) low = middle + 1;
      else place = middle;
    }
    return place;
  }
}
