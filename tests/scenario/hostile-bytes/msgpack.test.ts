import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeValue,
  encodeValue,
  MalformedValueError,
} from '../../../libprocess/codec/msgpack.ts';
import { corpus, damage, frugal, unpolluted } from '../../support/hostile-bytes.ts';

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, '__proto__', 'constructor'),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.double(),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('any'), { maxLength: 20 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('any'), { maxKeys: 20 }),
  ),
})).any;

function read(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: decodeValue(bytes) };
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedValueError);
    return undefined;
  }
}

/** What was accepted is made of plain things, no deeper than is said, and can be sent on. */
function isPlain(given: unknown, depth = 0): boolean {
  if (depth > 65) return false;
  if (given === null || ['boolean', 'number', 'bigint', 'string'].includes(typeof given))
    return true;
  if (given instanceof Uint8Array) return true;
  if (Array.isArray(given)) return given.every((each) => isPlain(each, depth + 1));
  if (typeof given !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  if (prototype !== null && prototype !== Object.prototype) return false;
  return Object.values(given).every((each) => isPlain(each, depth + 1));
}

describe('message pack from a hostile peer', () => {
  test('that was a value, and was changed, is one still, or is refused [X21]', () => {
    unpolluted(() =>
      fc.assert(
        fc.property(value, fc.array(damage, { minLength: 10, maxLength: 10 }), (given, damages) => {
          const bytes = encodeValue(given);
          for (const each of damages) {
            const got = read(each(bytes));
            if (!got) continue;
            expect(isPlain(got.value)).toBe(true);
            encodeValue(got.value);
          }
        }),
        { numRuns: 500 },
      ),
    );
  });

  test.each(corpus('msgpack').filter(({ reads }) => reads === undefined))(
    'is refused: $what',
    ({ bytes }) => {
      const decode = (): unknown => frugal(() => unpolluted(() => decodeValue(bytes)));
      expect(decode).toThrow(MalformedValueError);
    },
  );

  test.each(corpus('msgpack').filter(({ reads }) => reads !== undefined))(
    'is a value like others: $what',
    ({ bytes }) => {
      const decoded = unpolluted(() => decodeValue(bytes));
      expect(isPlain(decoded)).toBe(true);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
      if (typeof decoded === 'object' && decoded !== null) {
        expect(Reflect.get(decoded, 'polluted')).toBeUndefined();
      }
    },
  );

  test('that claims much in each of 10,000 messages takes no memory for it', () => {
    const claims = [0xc6, 0xdb, 0xdd, 0xdf].map((first) =>
      Uint8Array.of(first, 0x7f, 0xff, 0xff, 0xff, 0xc0),
    );
    // One at a time: what the others left behind is garbage, which is collected when it pleases.
    for (let round = 0; round < 2_500; round += 1) {
      for (const bytes of claims) expect(frugal(() => read(bytes))).toBeUndefined();
    }
  });
});
