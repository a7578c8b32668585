import { describe, expect, jest, test } from '@jest/globals';
import { Fifo } from '../collections/fifo.ts';
import { FuturePromise, type Future } from '../future.ts';
import { Simulation } from '../sim/index.ts';
import { RateLimiter } from './limiter.ts';
import { Mutex } from './mutex.ts';
import { Queue } from './queue.ts';
import { ReadWriteLock } from './rwlock.ts';
import { Sequence } from './sequence.ts';
import { Waiters } from './waiters.ts';

describe('who gives up while the first one takes long', () => {
  test.each<[what: string, make: () => () => Future<unknown>]>([
    [
      'a mutex',
      () => {
        const mutex = new Mutex();
        return () => mutex.lock();
      },
    ],
    [
      'a lock for readers and writers',
      () => {
        const lock = new ReadWriteLock();
        lock.writeLock();
        return () => lock.readLock();
      },
    ],
    [
      'a sequence',
      () => {
        const sequence = new Sequence();
        return () => sequence.add(() => new FuturePromise<void>().future);
      },
    ],
    [
      'a queue',
      () => {
        const queue = new Queue<void>();
        return () => queue.get();
      },
    ],
    [
      'a rate limiter',
      () => {
        const { clock } = new Simulation().node().runtime;
        const limiter = new RateLimiter({ clock, permits: 1, periodMs: 1_000 });
        return () => limiter.acquire();
      },
    ],
  ])('takes no room in %s', (_what, make) => {
    const gaveUp = jest.spyOn(Fifo.prototype, 'gaveUp');
    const ask = make();
    ask();
    const patient = ask();
    for (let round = 0; round < 1_000; round += 1) ask().discard();
    const lines = new Set(gaveUp.mock.contexts as readonly Fifo<unknown>[]);
    gaveUp.mockRestore();
    expect([...lines].map(({ size }) => size < 100)).toEqual([true]);
    expect(patient.isPending).toBe(true);
  });
});

test('who comes while all are told waits for the next time', () => {
  const waiters = new Waiters<string>();
  const first = waiters.wait();
  waiters.wait().discard();
  let late: Future<string> | undefined;
  first.onReady(() => {
    late = waiters.wait();
  });
  waiters.settleAll((promise) => promise.set('all'));
  expect([first.isReady, late?.isPending]).toEqual([true, true]);
});
