import { describe, expect, test } from '@jest/globals';
import type { Clock } from '../clock.ts';
import { statisticsOf } from './statistics.ts';
import { TimeSeries } from './time-series.ts';

const SECOND_MS = 1_000;

/** A clock whose time the test sets. */
function handClock(): Clock & { atMs: number } {
  return {
    atMs: 0,
    now: () => 0,
    monotonic() {
      return this.atMs;
    },
    nanoseconds: () => 0n,
    timer: () => ({ [Symbol.dispose]: () => undefined }),
  };
}

function filled(options: { windowMs: number; upTo: number }): {
  series: TimeSeries;
  clock: { atMs: number };
  set: (second: number) => number[];
} {
  const clock = handClock();
  const series = new TimeSeries({ clock, window: options.windowMs, capacity: 10 });
  const set = (second: number): number[] => {
    series.set(second, second * SECOND_MS);
    return series.values();
  };
  for (let second = 0; second <= options.upTo; second += 1) set(second);
  return { series, clock, set };
}

describe('a time series', () => {
  test('knows its latest value [c41daa5]', () => {
    const series = new TimeSeries({ clock: handClock() });
    expect(series.isEmpty).toBe(true);
    expect(series.latest).toBeUndefined();
    series.set(1);
    expect(series.isEmpty).toBe(false);
    expect(series.latest).toEqual({ atMs: 0, value: 1 });
  });

  test('thins out its older half above its capacity, again and again [6f55674]', () => {
    const { set } = filled({ windowMs: Infinity, upTo: 9 });
    expect([10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map((second) => set(second).join(' '))).toEqual(
      [
        '0 2 3 4 5 6 7 8 9 10',
        '0 2 4 5 6 7 8 9 10 11',
        '0 2 4 6 7 8 9 10 11 12',
        '0 2 4 6 8 9 10 11 12 13',
        '0 2 4 6 8 10 11 12 13 14',
        '0 4 6 8 10 11 12 13 14 15',
        '0 4 8 10 11 12 13 14 15 16',
        '0 4 8 11 12 13 14 15 16 17',
        '0 4 8 11 13 14 15 16 17 18',
        '0 4 8 11 13 15 16 17 18 19',
      ],
    );
  });

  test('drops what has left its window, and goes on thinning out from there [22d4322]', () => {
    const { series, clock, set } = filled({ windowMs: 10 * SECOND_MS, upTo: 12 });
    expect(series.values()).toEqual([0, 2, 4, 6, 7, 8, 9, 10, 11, 12]);
    clock.atMs = 12 * SECOND_MS;
    series.truncate();
    expect(series.values()).toEqual([4, 6, 7, 8, 9, 10, 11, 12]);
    set(13);
    set(14);
    expect(set(15)).toEqual([4, 6, 8, 9, 10, 11, 12, 13, 14, 15]);
    clock.atMs = 19 * SECOND_MS;
    series.truncate();
    expect(series.values()).toEqual([10, 11, 12, 13, 14, 15]);
    for (const second of [16, 17, 18, 19]) set(second);
    expect(set(20)).toEqual([10, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });

  test('keeps one value for each time, and takes late ones to their place', () => {
    const { series, set } = filled({ windowMs: Infinity, upTo: 3 });
    series.set(7, 1_500);
    expect(set(1)).toEqual([0, 1, 7, 2, 3]);
    series.set(8, 1_500);
    expect(series.values()).toEqual([0, 1, 8, 2, 3]);
    expect(series.values({ startMs: 1_000, stopMs: 2_000 })).toEqual([1, 8, 2]);
    expect(series.values({ startMs: 2_000, stopMs: 1_000 })).toEqual([]);
  });
});

describe('statistics', () => {
  test('of nothing there are none [13dd51e]', () => {
    expect(statisticsOf([])).toBeUndefined();
  });

  test('of a single number there are none [e8b625d]', () => {
    expect(statisticsOf([0])).toBeUndefined();
  });

  test('of a series lie between its values [5170169]', () => {
    const series = new TimeSeries({ clock: handClock() });
    for (let value = -5; value <= 5; value += 1) series.set(value, value);
    expect(statisticsOf(series.values())).toEqual({
      count: 11,
      min: -5,
      max: 5,
      p25: -2.5,
      p50: 0,
      p75: 2.5,
      p90: 4,
      p95: expect.closeTo(4.5, 9),
      p99: expect.closeTo(4.9, 9),
      p999: expect.closeTo(4.99, 9),
      p9999: expect.closeTo(4.999, 9),
    });
  });

  test('do not mind the order [a8d7d51]', () => {
    const durationsMs = [100, 0, 90, 10, 80, 20, 70, 30, 60, 40, 50];
    expect(statisticsOf(durationsMs)).toMatchObject({ p25: 25, p50: 50, p75: 75, p90: 90 });
  });
});
