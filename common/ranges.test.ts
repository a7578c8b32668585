import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  coalesce,
  containsRanges,
  countRanges,
  equalRanges,
  printRanges,
  subtractRanges,
  unionRanges,
  type Ranges,
} from './ranges.ts';

/** Ranges as `1-3 5-9`. */
const ranges = (text: string): Ranges =>
  coalesce(
    text
      .split(' ')
      .filter((part) => part !== '')
      .map((part) => {
        const [begin = 0, end = 0] = part.split('-').map(Number);
        return { begin, end };
      }),
  );

describe('ranges', () => {
  test.each([
    ['4-6 1-3', '[1-6]'],
    ['1-10 2-3 5-12', '[1-12]'],
    ['8-9 1-2 5-5', '[1-2, 5-5, 8-9]'],
    ['1-1 1-1', '[1-1]'],
    ['', '[]'],
  ])('%s coalesce to %s [8f46fe6]', (text, printed) => {
    expect(printRanges(ranges(text))).toBe(printed);
  });

  test.each([
    ['before', '10-20', '1-5', '[1-5, 10-20]'],
    ['touching', '10-20', '5-9', '[5-20]'],
    ['inside', '10-20', '12-13', '[10-20]'],
    ['after', '10-20', '30-40', '[10-20, 30-40]'],
    ['bridging', '1-3 5-7', '4-4', '[1-7]'],
  ])('a range added %s gives the fewest again [c7f5fef] [8c3b702]', (...[, left, right, sum]) => {
    expect(printRanges(unionRanges(ranges(left), ranges(right)))).toBe(sum);
  });

  test.each([
    ['20000-40000', '10000-20000 30000-50000', '[20001-29999]'],
    ['31000-32000', '31000-31001', '[31002-32000]'],
    ['1-10', '1-10', '[]'],
    ['1-10', '20-30', '[1-10]'],
    ['1-10 20-30', '5-25', '[1-4, 26-30]'],
    ['1-10', '2-2 4-4 6-6', '[1-1, 3-3, 5-5, 7-10]'],
  ])('%s less %s is %s [c4a3cbf] [a030b77] [e64dd46]', (left, right, rest) => {
    expect(printRanges(subtractRanges(ranges(left), ranges(right)))).toBe(rest);
  });

  const POINT_MAX = 40;
  const anyRanges = fc
    .array(fc.tuple(fc.nat(POINT_MAX), fc.nat(POINT_MAX)), { maxLength: 8 })
    .map((pairs) =>
      coalesce(pairs.map(([a, b]) => ({ begin: Math.min(a, b), end: Math.max(a, b) }))),
    );
  const points = (all: Ranges): number[] =>
    Array.from({ length: POINT_MAX + 1 }, (_, point) => point).filter((point) =>
      all.some(({ begin, end }) => begin <= point && point <= end),
    );

  test('behave as the sets of their points [A15]', () => {
    fc.assert(
      fc.property(anyRanges, anyRanges, (left, right) => {
        const [inLeft, inRight] = [points(left), points(right)];
        const sum = unionRanges(left, right);
        const rest = subtractRanges(left, right);
        expect(points(sum)).toEqual([...new Set([...inLeft, ...inRight])].sort((a, b) => a - b));
        expect(points(rest)).toEqual(inLeft.filter((point) => !inRight.includes(point)));
        expect(containsRanges(left, right)).toBe(inRight.every((point) => inLeft.includes(point)));
        expect(equalRanges(rest, coalesce(rest))).toBe(true);
        expect(countRanges(left)).toBe(inLeft.length);
      }),
      { numRuns: 500 },
    );
  });
});
