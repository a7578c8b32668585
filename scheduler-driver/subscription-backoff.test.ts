import { expect, test } from '@jest/globals';
import { SubscriptionBackoff } from './subscription-backoff.ts';

const bounds = (failoverTimeoutMs: number, count: number): number[] => {
  const backoff = new SubscriptionBackoff({ factorMs: 2_000, failoverTimeoutMs, random: () => 1 });
  return Array.from({ length: count }, () => backoff.next());
};

test('a scheduler waits below a bound that doubles from two seconds to a minute', () => {
  expect(bounds(0, 7)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test('a scheduler tries ten times before its framework is given up', () => {
  expect(bounds(50_000, 4)).toEqual([2_000, 4_000, 5_000, 5_000]);
  expect(bounds(1_000, 2)).toEqual([100, 100]);
});
