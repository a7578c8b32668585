import { expect, test } from '@jest/globals';
import { FuturePromise } from '../future.ts';
import { abortSignal, discardOn } from './abort.ts';

test('a request to discard aborts the signal of a future', () => {
  const promise = new FuturePromise<number>();
  const signal = abortSignal(promise.future);
  expect(signal.aborted).toBe(false);
  promise.future.then((value) => value + 1).discard();
  expect(signal.aborted).toBe(true);
});

test('a future that has completed aborts nothing', () => {
  const promise = new FuturePromise<number>();
  const signal = abortSignal(promise.future);
  promise.set(1);
  promise.future.discard();
  expect(signal.aborted).toBe(false);
});

test('a signal that aborts asks for the discard, sooner or later', () => {
  const controller = new AbortController();
  const before = discardOn(new FuturePromise<number>().future, controller.signal);
  expect(before.hasDiscard).toBe(false);
  controller.abort();
  expect(before.hasDiscard).toBe(true);
  expect(discardOn(new FuturePromise<number>().future, controller.signal).hasDiscard).toBe(true);
});

test('a signal does not keep futures that have completed', () => {
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  const promise = new FuturePromise<number>();
  discardOn(promise.future, signal);
  expect(listeners).toBe(1);
  promise.set(1);
  expect(listeners).toBe(0);
});
