import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Future, FuturePromise } from '../future.ts';
import { Sequence } from './sequence.ts';

describe('a sequence', () => {
  test('runs callbacks one at a time, in order [2035407]', () => {
    const sequence = new Sequence();
    const parts = [new FuturePromise<number>(), new FuturePromise<number>()];
    const started: number[] = [];
    const results = parts.map(({ future }, index) =>
      sequence.add(() => {
        started.push(index);
        return future;
      }),
    );
    const last = sequence.add(() => 3);
    expect(started).toEqual([0]);
    parts[0]?.set(1);
    expect(started).toEqual([0, 1]);
    parts[1]?.fail('no');
    expect([results[0]?.value, results[1]?.error, last.value]).toEqual([1, 'no', 3]);
  });

  test('leaves out the one that is discarded while it waits [b8d334a]', () => {
    const sequence = new Sequence();
    const first = new FuturePromise<number>();
    sequence.add(() => first.future);
    let ran = false;
    const second = sequence.add(() => (ran = true));
    const third = sequence.add(() => 3);
    second.discard();
    first.set(1);
    expect([second.isDiscarded, ran, third.value]).toEqual([true, false, 3]);
  });

  test('asks the running one to give up when its future is discarded', () => {
    const sequence = new Sequence();
    const first = new FuturePromise<number>();
    const running = sequence.add(() => first.future);
    running.discard();
    expect([first.future.hasDiscard, running.isPending]).toEqual([true, true]);
  });

  test('goes on after one that throws or is abandoned', () => {
    const sequence = new Sequence();
    const thrown = sequence.add(() => {
      throw new RangeError('no');
    });
    const abandoned = sequence.add(() => Future.abandoned<number>());
    expect([thrown.isFailed, abandoned.isAbandoned, sequence.add(() => 1).value]).toEqual([
      true,
      true,
      1,
    ]);
  });

  test('abandons what waits, and what comes later, when it is disposed [46e1057]', async () => {
    const sequence = new Sequence();
    const first = new FuturePromise<number>();
    const running = sequence.add(() => first.future);
    let ran = 0;
    const waiting = [sequence.add(() => (ran += 1)), sequence.add(() => (ran += 1))];
    waiting[0]?.discard();
    sequence[Symbol.dispose]();
    sequence[Symbol.dispose]();
    const late = sequence.add(() => (ran += 1));
    expect(waiting.map(({ isDiscarded }) => isDiscarded)).toEqual([true, false]);
    for (const each of [waiting[1], late])
      await expect(each).rejects.toThrow('Future was abandoned: the sequence was disposed');
    expect([first.future.hasDiscard, running.isPending]).toEqual([false, true]);
    first.set(1);
    expect([running.value, ran]).toEqual([1, 0]);
  });

  test('of a hundred thousand needs no stack', () => {
    const sequence = new Sequence();
    const first = new FuturePromise<number>();
    sequence.add(() => first.future);
    const waiting = Array.from({ length: 100_000 }, (_, i) => sequence.add(() => i));
    for (const each of waiting.slice(0, 50_000)) each.discard();
    first.set(0);
    expect(waiting.at(-1)?.value).toBe(99_999);
  });

  test('runs exactly those that were not given up, in order, never two at once [00f1c76]', () => {
    const entry = fc.record({ discard: fc.boolean(), fails: fc.boolean() });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), (entries) => {
        const sequence = new Sequence();
        const gates = entries.map(() => new FuturePromise<void>());
        const started: number[] = [];
        let running = 0;
        const gate = new FuturePromise<void>();
        sequence.add(() => gate.future);
        const results = entries.map((_, index) =>
          sequence.add(() => {
            expect(++running).toBe(1);
            started.push(index);
            return gates[index]?.future.onSettled(() => (running -= 1)) ?? Future.ready();
          }),
        );
        entries.forEach(({ discard }, index) => discard && results[index]?.discard());
        gate.set(undefined);
        entries.forEach(({ fails }, index) =>
          fails ? gates[index]?.fail('no') : gates[index]?.set(undefined),
        );
        const kept = entries.flatMap(({ discard }, index) => (discard ? [] : [index]));
        expect(started).toEqual(kept);
      }),
    );
  });
});
