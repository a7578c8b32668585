import { RuntimeError } from '../errors.ts';
import { attempt, type Future } from '../future.ts';
import type { Metric, MetricKind, Sample } from './metrics.ts';

/**
 * A value that is asked for at each snapshot, for example with `() => dispatch(pid, 'depth')`. One that
 * fails, or gives no number, is left out of it, and so is one that is late. A `PushGauge` costs its owner less.
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

  /** What it reads now; failed if reading fails, or gives no number. */
  value(): Future<number> {
    return attempt(this.#read).then((read: unknown) => {
      if (typeof read === 'number') return read;
      const what = read === null ? 'null' : typeof read;
      throw new RuntimeError('NO_NUMBER', `Failed to read '${this.name}': ${what} is no number`);
    });
  }

  sample(): Sample | Future<Sample> {
    const read = this.value();
    return read.isReady ? read.value : read;
  }
}
