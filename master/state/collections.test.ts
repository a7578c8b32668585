import { describe, expect, test } from '@jest/globals';
import { compact } from './compact.ts';
import { PairMap } from './pair-map.ts';
import { Ring } from './ring.ts';

describe('a ring', () => {
  test('keeps the newest, oldest first', () => {
    const ring = new Ring<number>(3);
    for (const value of [1, 2, 3, 4, 5]) ring.push(value);
    expect(ring.toArray()).toEqual([3, 4, 5]);
  });

  test('goes on in order after some were removed', () => {
    const ring = new Ring<number>(3);
    for (const value of [1, 2, 3, 4]) ring.push(value);
    expect(ring.remove((value) => value === 3)).toBe(true);
    expect(ring.remove((value) => value === 3)).toBe(false);
    for (const value of [5, 6]) ring.push(value);
    expect(ring.toArray()).toEqual([4, 5, 6]);
  });

  test('of no capacity keeps nothing', () => {
    const ring = new Ring<number>(0);
    ring.push(1);
    expect(ring.toArray()).toEqual([]);
  });
});

test('a pair map keeps no first key without a second', () => {
  const map = new PairMap<string, string, number>();
  map.set('a', 'x', 1);
  map.set('a', 'y', 2);
  expect(map.of('a')).toEqual([1, 2]);
  expect(map.delete('a', 'x')).toBe(true);
  expect(map.delete('a', 'x')).toBe(false);
  expect(map.delete('a', 'y')).toBe(true);
  expect(map.firstKeys()).toEqual([]);
});

test('compact leaves out what is undefined, and nothing else', () => {
  expect(compact({ a: undefined, b: 0, c: '', d: false })).toEqual({ b: 0, c: '', d: false });
});
