import { describe, expect, test } from '@jest/globals';
import { Process } from '../process.ts';
import { dispatch } from '../dispatch.ts';
import { Future, FuturePromise } from '../future.ts';
import { Counter } from '../metrics/metrics.ts';
import { PullGauge } from '../metrics/pull-gauge.ts';
import { Timer } from '../metrics/timer.ts';
import { endpointBed } from '../../tests/support/endpoint-bed.ts';

class Gauged extends Process {
  readonly hanging = new FuturePromise<number>();

  constructor() {
    super('gauged');
  }
  get(): number {
    return 42;
  }
  fail(): Future<number> {
    return Future.failed(new Error('failure'));
  }
  pending(): Future<number> {
    return this.hanging.future;
  }
}

describe('/metrics/snapshot', () => {
  test('has what was added until it is removed [3a76ae5]', async () => {
    const { node, get, sim } = await endpointBed();
    const pid = node.spawn(new Gauged());
    const metrics = [
      new PullGauge('test/gauge', () => dispatch(pid, 'get')),
      new PullGauge('test/gauge_fail', () => dispatch(pid, 'fail')),
      new PullGauge('test/gauge_const', () => 99),
      new Counter('test/counter'),
    ].map((metric) => node.metrics.add(metric));
    const { body } = await get('/metrics/snapshot');
    expect(body).toContain('"test/counter":0.0,"test/gauge":42.0,"test/gauge_const":99.0}');
    for (const metric of metrics) node.metrics.remove(metric);
    await sim.advance(500);
    expect((await get('/metrics/snapshot')).body).not.toContain('test/');
  });

  test('is sorted by key, statistics and all [9b0b34b, cf08a43]', async () => {
    const { node, sim, get } = await endpointBed();
    const { clock } = node.runtime;
    for (const name of 'fedcba') node.metrics.add(new Counter(`test/${name}`));
    const counter = node.metrics.add(new Counter('test/b_history', { clock }));
    node.metrics.add(new Counter('test/b_history-more'));
    for (let second = 0; second < 10; second += 1) {
      await sim.advance(1_000);
      counter.increment();
    }
    const { body } = await get('/metrics/snapshot');
    const keys = Object.keys(JSON.parse(body) as object);
    expect(keys).toEqual([...keys].sort());
    expect(body).toContain('"test/b_history":10.0,"test/b_history-more":0.0,');
    expect(body).toContain(
      '"test/b_history/count":11.0,"test/b_history/max":10.0,"test/b_history/min":0.0,' +
        '"test/b_history/p50":5.0,"test/b_history/p90":9.0,"test/b_history/p95":9.5,',
    );
  });

  test('leaves out what is not known in time [cf7c8c1]', async () => {
    const { node, sim, request } = await endpointBed();
    const pid = node.spawn(new Gauged());
    node.metrics.add(new PullGauge('test/gauge', () => dispatch(pid, 'get')));
    node.metrics.add(new PullGauge('test/gauge_fail', () => dispatch(pid, 'fail')));
    node.metrics.add(new PullGauge('test/gauge_timeout', () => dispatch(pid, 'pending')));
    const answer = request('/metrics/snapshot?timeout=2secs');
    await sim.advance(1_999);
    expect(answer.isPending).toBe(true);
    await sim.advance(1);
    const { status, body } = await sim.complete(answer);
    expect(status).toBe(200);
    expect(body).toContain('"test/gauge":42.0}');
  });

  test('leaves out a gauge that gives no number, and has all others', async () => {
    const { node, get, sim } = await endpointBed();
    for (const [name, value] of Object.entries({ a: null, b: undefined, c: {}, d: '1' })) {
      node.metrics.add(new PullGauge(`test/${name}_now`, () => value as never));
      node.metrics.add(new PullGauge(`test/${name}_later`, () => Promise.resolve(value as never)));
    }
    node.metrics.add(new PullGauge('test/good', () => 7));
    for (const path of ['/metrics/snapshot', '/metrics']) {
      const { status, body } = await get(path);
      expect(status).toBe(200);
      expect(body).toMatch(/test.good"?[: ]7/);
      expect(body).not.toMatch(/test.[a-d]_/);
      await sim.advance(1_000);
    }
    const { error } = new PullGauge('test/null', () => null as never).value();
    expect(String(error)).toMatch("Failed to read 'test/null': null is no number");
  });

  test.each([
    ['foobar', "expecting a number without a sign and a unit, such as '5secs' or '1.5mins'"],
    ['-1secs', 'expecting a number without a sign and a unit'],
    ['1.2.3secs', "'1.2.3' is not a number; expecting"],
    ['1', 'expecting a number without a sign and a unit'],
    ['1parsec', "Unknown duration unit 'parsec'"],
  ])('refuses the timeout %s', async (timeout, why) => {
    const { get } = await endpointBed();
    const { status, body } = await get(`/metrics/snapshot?timeout=${timeout}`);
    expect(status).toBe(400);
    expect(body).toMatch(`Invalid timeout '${timeout}': `);
    expect(body).toMatch(why);
  });

  test('is given twice in a second, in the order of the requests', async () => {
    const { sim, request } = await endpointBed();
    const answers = Array.from({ length: 4 }, () => request('/metrics/snapshot'));
    const ready = (): number => answers.filter(({ isReady }) => isReady).length;
    await sim.settle();
    expect(ready()).toBe(1);
    await sim.advance(1_000);
    expect(ready()).toBe(3);
    await sim.advance(500);
    expect(ready()).toBe(4);
  });

  test.each([
    ['10/1secs', 10],
    ['', 100],
  ])('the rate limit %j gives %i at once or in a second', async (limit, expected) => {
    const { sim, request } = await endpointBed({
      LIBPROCESS_METRICS_SNAPSHOT_ENDPOINT_RATE_LIMIT: limit,
    });
    const answers = Array.from({ length: 100 }, () => request('/metrics/snapshot'));
    await sim.advance(999);
    expect(answers.filter(({ isReady }) => isReady)).toHaveLength(expected);
  });

  test.each(['2', '0/1secs', '2/0secs', '2/second', 'x/1secs', '1/1secs/1'])(
    'a node with the rate limit %j does not start',
    async (limit) => {
      const bed = endpointBed({ LIBPROCESS_METRICS_SNAPSHOT_ENDPOINT_RATE_LIMIT: limit });
      await expect(bed).rejects.toThrow(
        `RATE_LIMIT: Failed to parse the rate limit of metrics '${limit}'`,
      );
    },
  );

  test('refuses more that wait than anybody needs', async () => {
    const { sim, request } = await endpointBed();
    const answers = Array.from({ length: 1_003 }, () => request('/metrics/snapshot'));
    await sim.settle();
    const refused = answers.filter((answer) => answer.isReady && answer.value.status === 503);
    expect(refused).toHaveLength(2);
  });
});

describe('/metrics', () => {
  test('is for Prometheus', async () => {
    const { node, get } = await endpointBed();
    const timer = node.metrics.add(new Timer('run', { clock: node.runtime.clock, window: '1hrs' }));
    timer.record(1);
    node.metrics.add(new Counter('test/events')).increment(3);
    const { type, body } = await get('/metrics');
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain(
      '# HELP test_events test/events\n# TYPE test_events counter\ntest_events 3\n',
    );
    expect(body).toContain('# TYPE system_cpus_total gauge\n');
    for (const line of body.trimEnd().split('\n')) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) [a-zA-Z_:][\w:]* .+|[a-zA-Z_:][\w:]*(\{quantile="[\d.]+"\})? \S+)$/,
      );
    }
  });
});
