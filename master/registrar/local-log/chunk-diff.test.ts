import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applySteps, diffChunks } from './chunk-diff.ts';

const pool = Array.from({ length: 30 }, (_, n) => Uint8Array.of(n));
const many = Array.from({ length: 50_000 }, (_, n) => Uint8Array.of(n & 0xff));

describe('the difference of two values in pieces', () => {
  test('makes the one of the other, whatever they are', () => {
    const chunks = fc.array(fc.nat(pool.length - 1).map((n) => pool[n] ?? new Uint8Array()));
    fc.assert(
      fc.property(chunks, chunks, (before, after) => {
        expect(applySteps(before, diffChunks(before, after))).toEqual(after);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('of one piece among many is that piece', () => {
    const piece = Uint8Array.of(1, 2, 3);
    const changed = [...many.slice(0, 20_000), piece, ...many.slice(20_001)];
    expect(diffChunks(many, changed)).toEqual([
      { kind: 'keep', from: 0, count: 20_000 },
      { kind: 'insert', chunk: piece },
      { kind: 'keep', from: 20_001, count: 29_999 },
    ]);
  });

  test('of a removal holds no piece', () => {
    const shorter = [...many.slice(0, 7), ...many.slice(8, 40_000), ...many.slice(40_001)];
    expect(diffChunks(many, shorter).every((step) => step.kind === 'keep')).toBe(true);
  });

  test('of an addition at the end is the addition', () => {
    const added = Array.from({ length: 3_000 }, () => new Uint8Array(1));
    const steps = diffChunks(many, [...many, ...added]);
    expect(steps).toHaveLength(3_001);
  });
});
