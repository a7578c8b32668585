import { describe, expect, test } from '@jest/globals';
import type { Random } from '../../libprocess/random.ts';

/** The contract of `Random`. */
export function describeRandom(name: string, open: () => Random): void {
  describe(`${name} is a Random`, () => {
    test('numbers are in [0, 1) and spread over it', () => {
      const random = open();
      const buckets = new Array<number>(10).fill(0);
      for (let i = 0; i < 10_000; i += 1) {
        const number = random.next();
        expect(number >= 0 && number < 1).toBe(true);
        const bucket = Math.floor(number * 10);
        buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      }
      for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(250);
    });

    test('identifiers are version 4 UUIDs, none twice', () => {
      const random = open();
      const uuids = Array.from({ length: 1_000 }, () => random.uuid());
      for (const uuid of uuids) {
        expect(uuid).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }
      expect(new Set(uuids).size).toBe(uuids.length);
    });

    test('as many bytes come as were asked for, of every value', () => {
      const random = open();
      expect(random.bytes(0)).toHaveLength(0);
      expect(random.bytes(33)).toHaveLength(33);
      expect(new Set(random.bytes(10_000)).size).toBe(256);
    });
  });
}
