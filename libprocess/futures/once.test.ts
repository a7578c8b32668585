import { expect, test } from '@jest/globals';
import { FuturePromise } from '../future.ts';
import { Once } from './once.ts';

test('what is done once is done by the first and waited for by all', () => {
  const once = new Once<string>();
  const work = new FuturePromise<string>();
  expect(once.begun).toBe(false);
  const first = once.run(() => work.future);
  const second = once.run(() => 'again');
  expect(once.begun).toBe(true);
  expect(second.isPending).toBe(true);
  work.set('done');
  expect([first.value, second.value]).toEqual(['done', 'done']);
});

test('what has failed once stays so, for all', () => {
  const once = new Once<string>();
  const failed = once.run(() => {
    throw new Error('no');
  });
  expect(failed.error).toEqual(new Error('no'));
  expect(once.run(() => 'again').error).toEqual(new Error('no'));
});

test('one who no longer waits does not stop it for the others', () => {
  const once = new Once<string>();
  const work = new FuturePromise<string>();
  once.run(() => work.future).discard();
  const patient = once.run(() => work.future);
  expect(work.future.hasDiscard).toBe(false);
  work.set('done');
  expect(patient.value).toBe('done');
});
