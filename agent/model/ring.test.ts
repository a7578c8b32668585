import { describe, expect, test } from '@jest/globals';
import { Ring } from './ring.ts';

function filled(max: number, count: number): Ring<number> {
  const ring = new Ring<number>(max);
  for (let item = 0; item < count; item += 1) ring.push(item);
  return ring;
}

describe('a ring', () => {
  test('keeps the newest, oldest first', () => {
    expect(filled(3, 100).items()).toEqual([97, 98, 99]);
    expect(filled(3, 2).items()).toEqual([0, 1]);
  });

  test('of none keeps nothing, also out of sight', () => {
    const ring = filled(0, 100);
    expect(ring.items()).toEqual([]);
    expect(ring.take(() => true)).toBeUndefined();
  });

  test('gives back what is found, once', () => {
    const ring = filled(3, 3);
    expect(ring.take((item) => item === 1)).toBe(1);
    expect(ring.items()).toEqual([0, 2]);
    expect(ring.take((item) => item === 1)).toBeUndefined();
  });
});
