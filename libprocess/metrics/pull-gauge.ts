import { attempt, type Future } from '../future.ts';
import type { Metric, MetricKind, Sample } from './metrics.ts';

/**
 * A value that is asked for at each snapshot, for example with `() => dispatch(pid, 'depth')`. One that
 * fails is left out of it, and so is one that is late. A `PushGauge` costs its owner less.
 */
export class PullGauge implements Metric {
  readonly name: string;
  readonly #read: () => number | PromiseLike<number>;

  constructor(name: string, read: () => number | PromiseLike<number>) {
    this.name = name;
    this.#read = read;
  }

  kindOf(): MetricKind {
    return 'gauge';
  }

  /** What it reads now; failed if reading fails. */
  value(): Future<number> {
    return attempt(this.#read);
  }

  sample(): Sample | Future<Sample> {
    const read = this.value();
    return read.isReady ? read.value : read;
  }
}
