import { describe, expect, test } from '@jest/globals';
import { Queue } from './queue.ts';

describe('a queue', () => {
  test('completes a waiting get with the item that is put [4a96fd3]', () => {
    const queue = new Queue<string>();
    const got = queue.get();
    expect(got.isPending).toBe(true);
    queue.put('a');
    expect(got.value).toBe('a');
    expect(queue.size).toBe(0);
  });

  test('gives an item that is there at once [3e8e8f0]', () => {
    const queue = new Queue<string | undefined>();
    queue.put(undefined);
    queue.put('b');
    expect([queue.get(), queue.get()].map((got) => [got.state, got.value])).toEqual([
      ['ready', undefined],
      ['ready', 'b'],
    ]);
  });

  test('completes waiting gets in order, one item each [aa541df]', () => {
    const queue = new Queue<number>();
    const gets = [queue.get(), queue.get(), queue.get()];
    queue.put(1);
    expect(gets.map(({ state }) => state)).toEqual(['ready', 'pending', 'pending']);
    queue.put(2);
    queue.put(3);
    expect(gets.map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  test('passes a get that was given up [4c7c74a]', () => {
    const queue = new Queue<number>();
    const [first, second] = [queue.get(), queue.get()];
    first.discard();
    queue.put(1);
    expect([first.isDiscarded, second.value]).toEqual([true, 1]);
  });

  test('keeps the order of very many', () => {
    const queue = new Queue<number>();
    const got: number[] = [];
    for (let i = 0; i < 10_000; i += 1) {
      queue.put(2 * i);
      queue.put(2 * i + 1);
      got.push(queue.get().value);
    }
    while (queue.size > 0) got.push(queue.get().value);
    expect(got).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
  });

  test('lets a hundred thousand wait, and has each value go to the first of them', () => {
    const queue = new Queue<number>();
    const gets = Array.from({ length: 100_000 }, () => queue.get());
    for (const at of gets.keys()) queue.put(at);
    expect(gets.every(({ value }, at) => value === at)).toBe(true);
  });
});
