import { expect, test } from '@jest/globals';
import { FuturePromise } from '../future.ts';
import { UPID } from '../upid.ts';
import { CALLERS_MAX, CALLS_RUNNING_MAX, RunningCalls } from './running-calls.ts';

const GREEDY = '10.0.0.1:5050';
const MODEST = '10.0.0.2:5050';
const caller = (n: number, address = GREEDY): UPID => new UPID(`caller-${n}`, address);
const { future } = new FuturePromise<void>();

/** Begins calls of one node, under as many names as are said, until one is refused; gives their number. */
function fill(calls: RunningCalls, address: string, names = 1): number {
  let begun = 0;
  while (begun <= CALLS_RUNNING_MAX) {
    const from = caller(begun % names, address);
    if (calls.overload(from) !== undefined) break;
    calls.add({ from, id: begun }, future);
    begun += 1;
  }
  return begun;
}

test.each([1, 100])('a node has half of all calls running at most, under %i names', (names) => {
  const calls = new RunningCalls();
  expect(fill(calls, GREEDY, names)).toBe(CALLS_RUNNING_MAX / 2);
  expect(calls.overload(caller(0))).toBe(`32768 calls of ${GREEDY} running`);
  expect(calls.overload(caller(0, MODEST))).toBeUndefined();
  calls.take({ from: caller(0), id: 0 });
  expect(calls.overload(caller(0))).toBeUndefined();
  calls.add({ from: caller(0), id: 0 }, future);
  for (let n = 0; n < names; n += 1) expect([...calls.takeAll(caller(n))]).not.toEqual([]);
  expect(fill(calls, GREEDY, names)).toBe(CALLS_RUNNING_MAX / 2);
});

test('however many nodes are greedy, one more is served', () => {
  const calls = new RunningCalls();
  let running = 0;
  for (let n = 0; n < 12; n += 1) running += fill(calls, `10.0.1.${n}:5050`);
  expect(running).toBeLessThan(CALLS_RUNNING_MAX);
  expect(calls.overload(caller(0, MODEST))).toBeUndefined();
});

test('a call that is begun again counts once', () => {
  const calls = new RunningCalls();
  for (let n = 0; n < 10; n += 1) calls.add({ from: caller(0), id: 1 }, future);
  calls.take({ from: caller(0), id: 1 });
  expect(fill(calls, GREEDY)).toBe(CALLS_RUNNING_MAX / 2);
});

test('callers that nothing runs for are known until they end, half of all from one node', () => {
  const calls = new RunningCalls();
  let known = 0;
  for (; calls.overload(caller(known)) === undefined; known += 1) {
    calls.add({ from: caller(known), id: 1 }, future);
    calls.take({ from: caller(known), id: 1 });
  }
  expect(known).toBe(CALLERS_MAX / 2);
  expect(calls.overload(caller(known))).toBe(`32768 callers of ${GREEDY}`);
  expect(calls.overload(caller(0))).toBeUndefined();
  expect(calls.overload(caller(0, MODEST))).toBeUndefined();
  calls.takeAll(caller(0));
  expect(calls.overload(caller(known))).toBeUndefined();
});
