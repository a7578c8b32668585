import { describe, expect, test } from '@jest/globals';
import { type Future, FuturePromise } from '../future.ts';
import type { Hold } from './hold.ts';
import { Mutex } from './mutex.ts';
import { ReadWriteLock } from './rwlock.ts';

const ready = (...locks: readonly Future<Hold>[]): boolean[] => locks.map((lock) => lock.isReady);

describe('a mutex', () => {
  test('is held by one at a time, in the order in which they asked [06bd889, 8dbaa75, 53498e5]', () => {
    const mutex = new Mutex();
    const [first, second, third] = [mutex.lock(), mutex.lock(), mutex.lock()];
    expect(ready(first, second, third)).toEqual([true, false, false]);
    first.value[Symbol.dispose]();
    expect(ready(second, third)).toEqual([true, false]);
    second.value[Symbol.dispose]();
    expect(ready(third)).toEqual([true]);
    third.value[Symbol.dispose]();
    expect(mutex.lock().isReady).toBe(true);
  });

  test('is given back once, however often its holder says so', () => {
    const mutex = new Mutex();
    const [first, second, third] = [mutex.lock(), mutex.lock(), mutex.lock()];
    first.value[Symbol.dispose]();
    first.value[Symbol.dispose]();
    expect(ready(second, third)).toEqual([true, false]);
  });

  test('passes over those that gave up', () => {
    const mutex = new Mutex();
    const [first, second, third] = [mutex.lock(), mutex.lock(), mutex.lock()];
    second.discard();
    expect(second.isDiscarded).toBe(true);
    first.value[Symbol.dispose]();
    expect(third.isReady).toBe(true);
  });

  test.each<[string, (work: FuturePromise<string>) => void]>([
    ['ready', (work) => work.set('done')],
    ['failed', (work) => work.fail(new Error('no'))],
    ['discarded', (work) => work.discard()],
    ['abandoned', (work) => work.abandon()],
  ])('is free again when what ran under it is %s', (_state, complete) => {
    const mutex = new Mutex();
    const work = new FuturePromise<string>();
    const done = mutex.run(() => work.future).recover(() => 'recovered');
    const next = mutex.lock();
    expect(next.isReady).toBe(false);
    complete(work);
    expect(done.isReady).toBe(true);
    expect(next.isReady).toBe(true);
  });

  test('is free again when what ran under it threw', () => {
    const mutex = new Mutex();
    const failed = mutex.run(() => {
      throw new Error('no');
    });
    expect(failed.error).toEqual(new Error('no'));
    expect(mutex.lock().isReady).toBe(true);
  });

  test('never runs what gave up while it waited', () => {
    const mutex = new Mutex();
    const first = mutex.lock();
    let ran = false;
    mutex.run(() => (ran = true)).discard();
    first.value[Symbol.dispose]();
    expect(ran).toBe(false);
    expect(mutex.lock().isReady).toBe(true);
  });
});

describe('a lock for readers and writers', () => {
  test('is there at once when it is free [063ed38]', () => {
    expect(new ReadWriteLock().readLock().isReady).toBe(true);
    expect(new ReadWriteLock().writeLock().isReady).toBe(true);
  });

  test('keeps readers waiting while one writes, then lets all of them in [5cdc8e0, c58dc7a]', () => {
    const lock = new ReadWriteLock();
    const writer = lock.writeLock();
    const readers = [lock.readLock(), lock.readLock()];
    expect(ready(...readers)).toEqual([false, false]);
    writer.value[Symbol.dispose]();
    expect(ready(...readers)).toEqual([true, true]);
  });

  test('keeps a writer waiting until the last reader has gone [c255623]', () => {
    const lock = new ReadWriteLock();
    const readers = [lock.readLock(), lock.readLock()];
    const writer = lock.writeLock();
    readers[1]?.value[Symbol.dispose]();
    expect(writer.isReady).toBe(false);
    readers[0]?.value[Symbol.dispose]();
    expect(writer.isReady).toBe(true);
  });

  test('lets no reader overtake a writer that waits [41f0b1d]', () => {
    const lock = new ReadWriteLock();
    const first = lock.readLock();
    const writer = lock.writeLock();
    const late = lock.readLock();
    expect(late.isReady).toBe(false);
    first.value[Symbol.dispose]();
    expect(ready(writer, late)).toEqual([true, false]);
    writer.value[Symbol.dispose]();
    expect(late.isReady).toBe(true);
  });

  test('lets readers in when the writer before them gives up', () => {
    const lock = new ReadWriteLock();
    lock.readLock();
    const writer = lock.writeLock();
    const late = lock.readLock();
    writer.discard();
    expect(late.isReady).toBe(true);
  });
});
