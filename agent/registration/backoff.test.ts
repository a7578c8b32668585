import { expect, test } from '@jest/globals';
import { RegistrationBackoff } from './backoff.ts';

test('an agent waits below a bound that doubles from the factor to a minute', () => {
  const backoff = new RegistrationBackoff(1_000, () => 1);
  const bounds = Array.from({ length: 9 }, () => backoff.next() / 1_000);
  expect(bounds).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test('an agent waits a random part of the bound', () => {
  const backoff = new RegistrationBackoff(1_000, () => 0.25);
  expect([backoff.next(), backoff.next()]).toEqual([250, 500]);
});
