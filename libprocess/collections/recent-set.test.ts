import { expect, test } from '@jest/globals';
import { RecentSet } from './recent-set.ts';

test('a recent set forgets the oldest of too many, and no other', () => {
  const recent = new RecentSet<number>(3);
  for (const value of [1, 2, 3, 2, 4]) recent.add(value);
  expect([...recent]).toEqual([2, 3, 4]);
  expect([recent.has(1), recent.has(2)]).toEqual([false, true]);
  recent.clear();
  expect([...recent]).toEqual([]);
});
