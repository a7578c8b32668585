import assert from 'node:assert/strict';
import type { Clock, Millis } from '../clock.ts';
import { FuturePromise, type Future } from '../future.ts';
import type { Metric } from './metrics.ts';

/** The metrics of one node, by name. */
export class MetricsRegistry {
  readonly #metrics = new Map<string, Metric>();

  /** Its name must be free. */
  add<M extends Metric>(metric: M): M {
    assert(!this.#metrics.has(metric.name), `the metric '${metric.name}' is new`);
    this.#metrics.set(metric.name, metric);
    return metric;
  }

  /** Nothing happens unless it is this very metric that is registered. */
  remove(metric: Metric): void {
    if (this.#metrics.get(metric.name) === metric) this.#metrics.delete(metric.name);
  }

  has(name: string): boolean {
    return this.#metrics.has(name);
  }

  /** All values, sorted by key; with a limit only those that are known by then. */
  snapshot(limit?: {
    readonly timeoutMs: Millis;
    readonly clock: Clock;
  }): Future<ReadonlyMap<string, number>> {
    const promise = new FuturePromise<ReadonlyMap<string, number>>();
    const values = new Map<string, number>();
    const finish = (): void => {
      timer?.[Symbol.dispose]();
      promise.set(new Map([...values].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))));
    };
    const timer = limit?.clock.timer(limit.timeoutMs, finish);
    let waiting = this.#metrics.size;
    if (waiting === 0) finish();
    for (const metric of this.#metrics.values()) {
      const sample = metric.sample();
      const answered = (): void => {
        if (sample.isReady) for (const [key, value] of sample.value) values.set(key, value);
        waiting -= 1;
        if (waiting === 0) finish();
      };
      sample.onAny(answered).onAbandoned(answered);
    }
    return promise.future;
  }
}
