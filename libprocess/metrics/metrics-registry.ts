import { RuntimeError } from '../errors.ts';
import type { Future } from '../future.ts';
import type { Metric } from './metrics.ts';
import { Snapshot, type Reading, type SnapshotOptions, type SnapshotRuntime } from './snapshot.ts';
import { SortedMetrics } from './sorted-metrics.ts';

/** A metric was added under a name that another one of its node has. */
export class MetricExistsError extends RuntimeError {
  constructor(name: string) {
    super('METRIC_EXISTS', `Failed to add: Metric '${name}' was already added`);
  }
}

/** The metrics of one node, by name. */
export class MetricsRegistry {
  readonly #metrics = new SortedMetrics();
  readonly #runtime: SnapshotRuntime;

  constructor(runtime: SnapshotRuntime) {
    this.#runtime = runtime;
  }

  /** Throws `MetricExistsError` if its name is taken. */
  add<M extends Metric>(metric: M): M {
    if (!this.#metrics.add(metric)) throw new MetricExistsError(metric.name);
    return metric;
  }

  /** False, and nothing happens, unless it is this very metric that was added. */
  remove(metric: Metric): boolean {
    return this.#metrics.remove(metric);
  }

  has(name: string): boolean {
    return this.#metrics.get(name) !== undefined;
  }

  /** All values, sorted by key; with a timeout only those that are known by then. */
  snapshot(options: SnapshotOptions = {}): Future<ReadonlyMap<string, number>> {
    const values = new Map<string, number>();
    return this.read(({ key, value }) => values.set(key, value), options).then(() => values);
  }

  /** Like `snapshot`, for those who make a text of it: one call for each value, then it is ready. */
  read(take: (reading: Reading) => void, options: SnapshotOptions = {}): Future<void> {
    const snapshot = new Snapshot(this.#runtime);
    return snapshot.sample(this.#metrics, options).then(() => snapshot.handOut(take));
  }
}
