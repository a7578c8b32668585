import { expect, test } from '@jest/globals';
import type { Clock } from '../clock.ts';
import { Future } from '../future.ts';
import { Simulation } from '../sim/index.ts';
import { Counter, PushGauge, type Metric } from './metrics.ts';
import { PrometheusText } from './prometheus.ts';
import { Timer } from './timer.ts';

const told = (metrics: readonly Metric[]): string => {
  const text = new PrometheusText();
  return metrics
    .map((metric) => {
      const sample = metric.sample();
      if (sample instanceof Future) throw new Error('the sample takes time');
      if (typeof sample !== 'object')
        return text.lines({ metric, key: metric.name, value: Number(sample) });
      return [...sample].map(([key, value]) => text.lines({ metric, key, value })).join('');
    })
    .join('');
};

test('names become legal, and no two the same', () => {
  const names = ['a/b', 'a_b', '1st', 'x\ny\\z', 'frameworks/Größe 2/id-1'];
  expect(told(names.map((name) => new Counter(name)))).toBe(
    [
      '# HELP a_b a/b',
      '# TYPE a_b counter',
      'a_b 0',
      '# HELP a_b_1ba46871 a_b',
      '# TYPE a_b_1ba46871 counter',
      'a_b_1ba46871 0',
      '# HELP _1st 1st',
      '# TYPE _1st counter',
      '_1st 0',
      '# HELP x_y_z x\\ny\\\\z',
      '# TYPE x_y_z counter',
      'x_y_z 0',
      '# HELP frameworks_Gr__e_2_id_1 frameworks/Größe 2/id-1',
      '# TYPE frameworks_Gr__e_2_id_1 counter',
      'frameworks_Gr__e_2_id_1 0',
      '',
    ].join('\n'),
  );
});

test.each([
  [1.5, '1.5'],
  [1e21, '1e+21'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [Number.NaN, 'NaN'],
])('the value %d is %s', (value, text) => {
  const gauge = new PushGauge('gauge');
  gauge.set(value);
  expect(told([gauge])).toBe(`# HELP gauge gauge\n# TYPE gauge gauge\ngauge ${text}\n`);
});

test('a timer with a history is a summary, any other a gauge', () => {
  const { clock } = new Simulation().node().runtime;
  const bare = new Timer('bare', { clock });
  bare.record(3);
  let ticks = 0;
  const ticking: Clock = { ...clock, monotonic: () => ticks++ };
  const timer = new Timer('run', { clock: ticking, window: '1hrs' });
  for (let ms = 0; ms <= 100; ms += 1) timer.record(ms);
  expect(told([bare, timer])).toBe(
    [
      '# HELP bare_ms bare_ms',
      '# TYPE bare_ms gauge',
      'bare_ms 3',
      '# HELP run_ms run_ms',
      '# TYPE run_ms summary',
      'run_ms{quantile="0.50"} 50',
      'run_ms{quantile="0.90"} 90',
      'run_ms{quantile="0.95"} 95',
      'run_ms{quantile="0.99"} 99',
      'run_ms{quantile="0.999"} 99.9',
      'run_ms{quantile="0.9999"} 99.99',
      'run_ms_sum 5050',
      'run_ms_count 101',
      '',
    ].join('\n'),
  );
});
