import { describe, expect, test } from '@jest/globals';
import { Future, FuturePromise } from '../future.ts';
import { Break, Continue, loop } from './loop.ts';
import { Queue } from './queue.ts';

describe('a loop', () => {
  test('goes round until its body breaks, without using up the stack [631a5db]', () => {
    let round = 0;
    const end = loop(
      () => (round += 1),
      (count) => (count === 1_000_000 ? Break('done') : Continue()),
    );
    expect([end.value, round]).toEqual(['done', 1_000_000]);
  });

  test('waits for what it iterates and for its body [e91c419]', () => {
    const queue = new Queue<number>();
    let sum = 0;
    const end = loop(
      () => queue.get(),
      (value) => {
        sum += value;
        return Future.ready(value === 3 ? Break(sum) : Continue());
      },
    );
    for (const value of [1, 2]) queue.put(value);
    expect(end.isPending).toBe(true);
    queue.put(3);
    expect(end.value).toBe(6);
  });

  test('hands a discard request to what it iterates, and ends [a940c8c]', () => {
    const queue = new Queue<number>();
    const end = loop(
      () => queue.get(),
      () => Continue(),
    );
    queue.put(1);
    end.discard();
    expect(end.isDiscarded).toBe(true);
  });

  test('hands a discard request to its body, and ends [74dc9ca]', () => {
    const body = new FuturePromise<ReturnType<typeof Continue>>();
    body.future.onDiscard(() => body.discard());
    const end = loop(
      () => 1,
      () => body.future,
    );
    end.discard();
    expect([body.future.isDiscarded, end.isDiscarded]).toEqual([true, true]);
  });

  test('fails when either throws, and is abandoned when either is', () => {
    const failing = loop(
      () => {
        throw new RangeError('no');
      },
      () => Continue(),
    );
    expect(failing.isFailed).toBe(true);
    const left = loop(
      () => Future.abandoned<number>(),
      () => Continue(),
    );
    expect(left.isAbandoned).toBe(true);
  });
});
