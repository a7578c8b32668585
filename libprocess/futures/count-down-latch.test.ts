import { expect, test } from '@jest/globals';
import { CountDownLatch } from './count-down-latch.ts';

test('a latch triggers once, when its count is down to zero [c7253ac, 8b8713b]', () => {
  const latch = new CountDownLatch(2);
  let triggered = 0;
  latch.triggered().onReady(() => (triggered += 1));
  latch.decrement();
  expect(triggered).toBe(0);
  latch.decrement();
  latch.decrement();
  expect(triggered).toBe(1);
  expect(latch.count).toBe(0);
  expect(latch.triggered().isReady).toBe(true);
});

test('a latch of nothing has triggered', () => {
  expect(new CountDownLatch(0).triggered().isReady).toBe(true);
});

test('one who no longer waits for a latch takes it from nobody', () => {
  const latch = new CountDownLatch();
  const patient = latch.triggered();
  latch.triggered().discard();
  latch.decrement();
  expect(patient.isReady).toBe(true);
});
