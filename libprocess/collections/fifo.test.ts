import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Fifo } from './fifo.ts';

describe('a first-in-first-out list', () => {
  test('gives one item back, then none [3a82d84]', () => {
    const fifo = new Fifo<string>();
    fifo.push('a');
    expect([fifo.shift(), fifo.shift(), fifo.size]).toEqual(['a', undefined, 0]);
  });

  test('gives many back in order, whatever comes between [c758d0e]', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100, max: 100 })), (steps) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        let next = 0;
        for (const count of steps) {
          for (let i = 0; i < count; i += 1) {
            fifo.push(next);
            model.push(next++);
          }
          for (let i = 0; i > count; i -= 1) expect(fifo.shift()).toBe(model.shift());
          expect(fifo.size).toBe(model.length);
        }
      }),
    );
  });

  test('keeps few of those that gave up, in order with the rest', () => {
    const fifo = new Fifo<{ readonly index: number; waits: boolean }>();
    for (let index = 0; index < 10_000; index += 1) {
      const item = { index, waits: true };
      fifo.push(item);
      if (index % 1_000 === 0) continue;
      item.waits = false;
      fifo.gaveUp(({ waits }) => waits);
    }
    expect(fifo.size).toBeLessThan(150);
    const left: number[] = [];
    for (let item = fifo.shift(); item; item = fifo.shift()) if (item.waits) left.push(item.index);
    expect(left).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((each) => each * 1_000));
  });
});
