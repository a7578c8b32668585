import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeValue, encodeValue, MalformedValueError } from './msgpack.ts';

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
})).value;

/** Buffers as the arrays they are; zero has no sign in message pack. */
const normal = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? [...value]
    : Array.isArray(value)
      ? value.map(normal)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, normal(each)]))
        : Object.is(value, -0)
          ? 0
          : value;

describe('a value in message pack', () => {
  test('is what it was, after a journey', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(normal(decodeValue(encodeValue(value)))).toEqual(normal(value));
      }),
    );
  });

  test('of any bytes is a value or a clear error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decodeValue(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedValueError);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['an array that claims four thousand million elements', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map that claims as many', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['a string longer than what is there', [0xdb, 0x7f, 0xff, 0xff, 0xff, 1]],
    ['an extension', [0xd4, 0x72, 0x01]],
    ['a key that is an array', [0x81, 0x90, 0x01]],
    ['100,000 arrays in one another', Array.from({ length: 100_000 }, () => 0x91)],
    ['two values', [1, 2]],
    ['nothing', []],
  ])('that is %s is refused', (_what, bytes) => {
    expect(() => decodeValue(Uint8Array.from(bytes))).toThrow(MalformedValueError);
  });

  test('cannot reach the prototype of objects', () => {
    const key = [...Buffer.from('__proto__')];
    const evil = Uint8Array.from([0x81, 0xa0 | key.length, ...key, 0x81, 0xa1, 0x78, 0x01]);
    decodeValue(evil);
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });
});
