import { expect, test } from '@jest/globals';
import { FuturePromise } from '../future.ts';
import { UPID } from '../upid.ts';
import { CALLERS_MAX, CALLS_RUNNING_MAX, RunningCalls } from './running-calls.ts';

const caller = (n: number): UPID => new UPID(`caller-${n}`, '10.0.0.1:5050');
const { future } = new FuturePromise<void>();

test('one caller has so many calls running, and no more', () => {
  const calls = new RunningCalls();
  for (let id = 1; id < CALLS_RUNNING_MAX; id += 1) calls.add({ from: caller(0), id }, future);
  expect(calls.overload(caller(0))).toBeUndefined();
  calls.add({ from: caller(0), id: 0 }, future);
  expect(calls.overload(caller(0))).toBe('65536 calls running');
  calls.take({ from: caller(0), id: 0 });
  expect(calls.overload(caller(0))).toBeUndefined();
});

test('callers that nothing runs for are known until they end, and no more than so many', () => {
  const calls = new RunningCalls();
  for (let n = 0; n < CALLERS_MAX; n += 1) {
    calls.add({ from: caller(n), id: 1 }, future);
    calls.take({ from: caller(n), id: 1 });
  }
  expect(calls.overload(caller(CALLERS_MAX))).toBe('65536 callers');
  expect(calls.overload(caller(0))).toBeUndefined();
  calls.takeAll(caller(0));
  expect(calls.overload(caller(CALLERS_MAX))).toBeUndefined();
});
