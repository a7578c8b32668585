import { describe, expect, test } from '@jest/globals';
import { parseSize, printSize } from './sizes.ts';

describe('a size', () => {
  test.each([
    ['0B', 0],
    ['512B', 512],
    ['1KB', 1024],
    ['512MB', 536_870_912],
    ['4GB', 4_294_967_296],
    ['1TB', 1_099_511_627_776],
  ])('%s is %d bytes and prints the same [1eca2f9] [b70a07d]', (text, bytes) => {
    expect(parseSize(text)).toEqual({ ok: true, value: bytes });
    expect(printSize(bytes)).toBe(text);
  });

  test.each(['', '12', 'MB', '1.5GB', '-1B', '1PB', '1 MB', '99999999TB'])(
    "'%s' is refused [1eca2f9]",
    (text) => {
      expect(parseSize(text).ok).toBe(false);
    },
  );

  test('prints in the largest unit that divides it [b70a07d]', () => {
    expect([1536, 1025, 3 * 1024 ** 2].map(printSize)).toEqual(['1536B', '1025B', '3MB']);
  });
});
