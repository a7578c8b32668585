import { describe, expect, test } from '@jest/globals';
import { awaitAll, collect } from './collect.ts';
import { Future, FuturePromise } from '../future.ts';

const three = (): [FuturePromise<number>, FuturePromise<number>, FuturePromise<number>] => [
  new FuturePromise<number>(),
  new FuturePromise<number>(),
  new FuturePromise<number>(),
];
const futures = (promises: readonly FuturePromise<number>[]): Future<number>[] =>
  promises.map(({ future }) => future);

describe('collect', () => {
  test('gives the values in list order, whatever the order they came in [b120112]', () => {
    expect(collect([]).value).toEqual([]);
    const [a, b, c] = three();
    const all = collect(futures([a, b, c]));
    c.set(3);
    a.set(1);
    expect(all.isPending).toBe(true);
    b.set(2);
    expect(all.value).toEqual([1, 2, 3]);
  });

  test('fails at once when one fails or is discarded [a97262b]', () => {
    const [a, b, c] = three();
    const failing = collect(futures([a, b]));
    const discarding = collect(futures([b, c]));
    a.fail('no');
    c.discard();
    expect(failing.error).toBe('no');
    expect(discarding.error).toMatchObject({ code: 'DISCARDED' });
  });

  test('sends a discard request to all [f4e2ce2]', () => {
    const all = three();
    const result = collect(futures(all));
    result.discard();
    expect(all.map(({ future }) => future.hasDiscard)).toEqual([true, true, true]);
    expect(result.isDiscarded).toBe(true);
  });

  test('is discarded by a request also when one of them grants it at once', () => {
    const [a, b, c] = three();
    a.future.onDiscard(() => a.discard());
    const result = collect(futures([a, b, c]));
    result.discard();
    expect(result.isDiscarded).toBe(true);
    expect(c.future.hasDiscard).toBe(true);
  });

  test('is abandoned when one is [fd61332]', () => {
    const [a, b, c] = three();
    const all = collect(futures([a, b, c]));
    b.abandon('gone');
    expect([all.isAbandoned, all.whyAbandoned]).toEqual([true, 'gone']);
  });
});

describe('awaiting all', () => {
  test('gives them in list order once all are ready [23a0f48]', () => {
    const [a, b, c] = three();
    const all = awaitAll(futures([a, b, c]));
    b.set(2);
    c.set(3);
    expect(all.isPending).toBe(true);
    a.set(1);
    expect(all.value.map(({ value }) => value)).toEqual([1, 2, 3]);
    expect(awaitAll([]).isReady).toBe(true);
  });

  test('shows which one failed [328bac5]', () => {
    const all = awaitAll([Future.ready(1), Future.failed<number>('no')]);
    expect(all.value.map(({ state }) => state)).toEqual(['ready', 'failed']);
  });

  test('shows which one was discarded [b9bad76]', () => {
    const all = awaitAll([Future.discarded<number>(), Future.ready(1)]);
    expect(all.value.map(({ state }) => state)).toEqual(['discarded', 'ready']);
  });

  test('sends a discard request to all [914aa72]', () => {
    const all = three();
    const result = awaitAll(futures(all));
    result.discard();
    expect(all.map(({ future }) => future.hasDiscard)).toEqual([true, true, true]);
    expect(result.isDiscarded).toBe(true);
  });

  test('is abandoned when one is [18e98b0]', () => {
    const [a, b, c] = three();
    const all = awaitAll(futures([a, b, c]));
    b.abandon('gone');
    expect([all.isAbandoned, all.whyAbandoned]).toEqual([true, 'gone']);
  });

  test('of one future passes its discard on [13a57a7]', () => {
    const [a] = three();
    awaitAll([a.future]).discard();
    expect(a.future.hasDiscard).toBe(true);
  });

  test('of one future is abandoned with it [8a6da63]', () => {
    const [a] = three();
    const all = awaitAll([a.future]);
    a.abandon();
    expect(all.isAbandoned).toBe(true);
  });
});

describe('what is collected', () => {
  test('may be a tuple, whose types are kept', () => {
    const [text, number] = collect([Future.ready('a'), Future.ready(1)]).value;
    expect([text.toUpperCase(), number.toFixed(1)]).toEqual(['A', '1.0']);
    const [ready, failed] = awaitAll([Future.ready('a'), Future.failed(new Error('no'))]).value;
    expect([ready.value.toUpperCase(), failed.isFailed]).toEqual(['A', true]);
  });

  test('may be anything that can be gone through', () => {
    const futures = new Set([Future.ready(1), Future.ready(2)]);
    expect(collect(futures).value).toEqual([1, 2]);
    expect(awaitAll(futures.values()).value.map(({ value }) => value)).toEqual([1, 2]);
  });
});
