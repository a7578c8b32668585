import { describe, expect, test } from '@jest/globals';
import { maxAgeMs } from './gc-policy.ts';

describe('the age that sandboxes may reach', () => {
  test.each([
    ['an empty disk', 0, 900],
    ['a half full disk', 0.5, 400],
    ['a disk full up to the headroom', 0.9, 0],
    ['a full disk', 1, 0],
  ])('on %s', (_case, usage, expected) => {
    expect(maxAgeMs({ usage, gcDelayMs: 1_000, gcDiskHeadroom: 0.1 })).toBeCloseTo(expected);
  });
});
