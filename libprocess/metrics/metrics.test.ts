import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Future, FuturePromise } from '../future.ts';
import { Simulation } from '../sim/index.ts';
import { MetricsRegistry } from './metrics-registry.ts';
import { Counter, PushGauge, type Metric, type Sample } from './metrics.ts';
import { PullGauge } from './pull-gauge.ts';
import { SortedMetrics } from './sorted-metrics.ts';
import { Timer } from './timer.ts';

function start() {
  const sim = new Simulation();
  const { runtime } = sim.node();
  return { sim, runtime, clock: runtime.clock, registry: new MetricsRegistry(runtime) };
}

describe('a counter', () => {
  test('counts, and starts afresh when it is reset [ffa315d]', () => {
    const counter = new Counter('test/counter');
    expect(counter.value).toBe(0);
    counter.increment();
    counter.increment();
    expect(counter.value).toBe(2);
    counter.reset();
    expect(counter.value).toBe(0);
    counter.increment(42);
    expect(counter.value).toBe(42);
    expect(counter.statistics).toBeUndefined();
    expect(() => counter.increment(-1)).toThrow('a counter never goes back');
  });

  test('shows statistics of its history, zero included [24ba032]', async () => {
    const { sim, clock } = start();
    const counter = new Counter('test/counter', { clock });
    for (let second = 0; second < 10; second += 1) {
      await sim.advance(1_000);
      counter.increment();
    }
    const near = (value: number): unknown => expect.closeTo(value, 9);
    expect(counter.statistics).toMatchObject({
      count: 11,
      min: 0,
      max: 10,
      p50: near(5),
      p90: near(9),
      p95: near(9.5),
      p99: near(9.9),
      p999: near(9.99),
      p9999: near(9.999),
    });
  });
});

describe('a gauge', () => {
  test('has the value that it was given [175d48a]', () => {
    const gauge = new PushGauge('test/gauge');
    expect(gauge.value).toBe(0);
    gauge.increment();
    gauge.increment(42);
    expect(gauge.value).toBe(43);
    gauge.decrement();
    gauge.decrement(42);
    expect(gauge.value).toBe(0);
    gauge.set(42);
    expect(gauge.value).toBe(42);
    expect(gauge.statistics).toBeUndefined();
  });

  test('has the value that it reads, or the failure of reading it [10fdad9]', () => {
    expect(new PullGauge('test/gauge', () => 42).value().value).toBe(42);
    expect(new PullGauge('test/failed', () => Future.failed(new Error('x'))).value().isFailed).toBe(
      true,
    );
  });
});

describe('a timer', () => {
  test('measures in its unit from start to stop [10256fd]', async () => {
    const { sim, clock } = start();
    const timer = new Timer('test/timer', { clock, unit: 'us' });
    expect(timer.name).toBe('test/timer_us');
    expect(timer.stop()).toBe(0);
    expect(timer.value).toBeUndefined();
    timer.start();
    await sim.advance(3);
    expect(timer.stop()).toBe(3);
    expect(timer.value).toBe(3_000);
    expect(timer.stop()).toBe(0);
    expect(timer.total).toEqual({ count: 1, sum: 3_000 });
  });

  test('measures futures, however many at a time and however they end [c297a0e]', async () => {
    const { sim, clock } = start();
    const timer = new Timer('test/timer', { clock, window: '1mins' });
    const [one, other] = [new FuturePromise<number>(), new FuturePromise<number>()];
    expect(timer.time(Future.ready(42)).value).toBe(42);
    expect(timer.value).toBe(0);
    timer.time(one.future);
    await sim.advance(5);
    timer.time(other.future).onFailed(() => undefined);
    await sim.advance(5);
    one.set(1);
    expect(timer.value).toBe(10);
    await sim.advance(1);
    other.fail(new Error('x'));
    expect(timer.value).toBe(6);
    expect(timer.statistics).toMatchObject({ count: 3, min: 0, max: 10, p50: 6 });
  });

  test('shows statistics of its window only', async () => {
    const { sim, clock } = start();
    const timer = new Timer('t', { clock, window: '10s' });
    for (const span of [1, 2, 3, 4]) {
      timer.record(span);
      await sim.advance(4_000);
    }
    timer.record(5);
    expect(timer.statistics).toMatchObject({ count: 3, min: 3, max: 5 });
    expect(timer.total).toEqual({ count: 5, sum: 15 });
  });
});

describe('the metrics of a node', () => {
  test('have each name once', () => {
    const { registry } = start();
    const counter = registry.add(new Counter('name'));
    expect(() => registry.add(new Counter('name'))).toThrow(
      "Failed to add: Metric 'name' was already added",
    );
    expect(registry.remove(new Counter('name'))).toBe(false);
    expect(registry.has('name')).toBe(true);
    expect(registry.remove(counter)).toBe(true);
    expect(registry.remove(counter)).toBe(false);
    expect(registry.has('name')).toBe(false);
  });

  test('are sampled while others come and go', async () => {
    const { sim, registry } = start();
    const counters = Array.from({ length: 20_000 }, (_each, index) =>
      registry.add(new Counter(`counter/${String(index).padStart(5, '0')}`)),
    );
    const asked = registry.snapshot();
    expect(asked.isPending).toBe(true);
    for (const counter of counters.slice(0, 19_000)) registry.remove(counter);
    registry.add(new Counter('counter/99999'));
    const keys = [...(await sim.complete(asked)).keys()];
    expect(keys).toEqual([...keys].sort());
    expect(keys.filter((key) => key >= 'counter/19000')).toHaveLength(1_001);
  });

  test('one of them may be broken, and fails the snapshot only', async () => {
    const { sim, registry } = start();
    const broken: Metric = {
      name: 'broken',
      kindOf: () => 'gauge',
      sample: (): Sample => {
        throw new Error('a broken metric');
      },
    };
    registry.add(broken);
    await expect(sim.complete(registry.snapshot())).rejects.toThrow('a broken metric');
    registry.remove(broken);
    expect((await sim.complete(registry.snapshot())).size).toBe(0);
  });

  test('are sorted whatever is added and removed', () => {
    const operation = fc.record({ add: fc.boolean(), name: fc.nat(2_000).map(String) });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 3_000, size: 'max' }), (operations) => {
        const sorted = new SortedMetrics();
        const model = new Map<string, Counter>();
        const wrong: string[] = []; // Thousands of expectations would take seconds.
        for (const { add, name } of operations) {
          const [counter, known] = [new Counter(name), model.get(name)];
          const found = sorted.get(name) === known;
          const had = add ? !sorted.add(counter) : sorted.remove(known ?? counter);
          if (!found || had !== (known !== undefined)) wrong.push(name);
          if (!add) model.delete(name);
          else if (!known) model.set(name, counter);
        }
        const names: string[] = [];
        for (
          let some = sorted.after(undefined);
          some.length > 0;
          some = sorted.after(names.at(-1))
        ) {
          names.push(...some.map(({ name }) => name));
        }
        expect(wrong).toEqual([]);
        expect(names).toEqual([...model.keys()].sort());
        expect(sorted.size).toBe(model.size);
      }),
      { numRuns: 10 },
    );
  });
});
