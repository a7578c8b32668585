import { AssertionError } from 'node:assert';
import { expect, test } from '@jest/globals';
import { Future } from '../future.ts';
import { check } from './check.ts';

test.each([
  ['pending', Future.abandoned(), 'ready', 'a future is ready; it is abandoned'],
  ['ready', Future.ready(1), 'failed', 'a future is failed; it is ready'],
  ['failed', Future.failed(new RangeError('no')), 'ready', 'it is failed: RangeError: no'],
  ['discarded', Future.discarded(), 'abandoned', 'a future is abandoned; it is discarded'],
  ['abandoned', Future.abandoned(), 'discarded', 'a future is discarded; it is abandoned'],
] as const)('a future that is %s is held to be, and to be nothing else', (...given) => {
  const [state, future, other, message] = given;
  expect(check<unknown>(future, state)).toBe(future);
  expect(() => check<unknown>(future, other)).toThrow(AssertionError);
  expect(() => check<unknown>(future, other)).toThrow(message);
});
