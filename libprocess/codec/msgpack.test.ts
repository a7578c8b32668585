import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeValue, encodeValue, MalformedValueError, UnsendableValueError } from './msgpack.ts';

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

class Point {
  readonly x = 1;
}

describe('a value that is not plain', () => {
  const itself: unknown[] = [];
  itself.push(itself);
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);

  test.each<[what: string, value: unknown]>([
    ['it is a function', () => 1],
    ['it is a symbol', Symbol('s')],
    ["'f' is a function", { a: 1, f: () => 1 }],
    ["'[1]' is a function", [1, () => 1]],
    ["'a.b[2].c' is a Date", { a: { b: [0, null, { c: new Date(0) }] } }],
    ["'[0][1].a' is a Set", [[1, { a: new Set([1]) }]]],
    ['it is a TypeError', new TypeError('boom')],
    ["'e' is an Error", { e: new Error('boom') }],
    ['it is a RegExp', /a/g],
    ['it is a Map', new Map([['a', 1]])],
    ['it is a WeakMap', new WeakMap()],
    ['it is an URL', new URL('http://a/')],
    ['it is a String', Object('boxed')],
    ['it is a Number', Object(5)],
    ['it is a Float32Array', Float32Array.of(1)],
    ['it is a DataView', new DataView(new ArrayBuffer(2))],
    ['it is an ArrayBuffer', new ArrayBuffer(2)],
    ["'[0]' is a Promise (an await is missing)", [Promise.resolve(1)]],
    ["'p' is a Point", { p: new Point() }],
    ['it is an object', Object.create({ constructor: 1 })],
    ['is nested deeper than 64 levels', itself],
    ['is nested deeper than 64 levels', deep(65)],
    ['a text that is not UTF-8', 'half of a pair: \ud800'],
    ['', 2n ** 64n],
    [
      'no value',
      {
        get a(): never {
          throw new Error('no value');
        },
      },
    ],
  ])('is refused: %s', (what, value) => {
    const encode = (): unknown => encodeValue(value);
    expect(encode).toThrow(UnsendableValueError);
    expect(encode).toThrow(what);
  });

  test('is told from the plain, whatever made that and whatever its keys are', () => {
    const values = [
      deep(64),
      undefined,
      [undefined],
      { a: undefined },
      Object.create(null),
      { constructor: 'Map', toString: null, hasOwnProperty: 1 },
      runInNewContext('({ a: [1, { b: 2 }] })'),
      Buffer.from('bytes'),
      -(2n ** 63n),
    ];
    for (const value of values) expect(encodeValue(value).length).toBeGreaterThan(0);
  });

  test('is named by where it is in what was given, not in what is around that', () => {
    const given = { when: new Date(0) };
    expect(() => encodeValue([7, 'method', given], given)).toThrow("'when' is a Date");
  });
});
