import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wireTypes } from '../../../proto/generated/all.ts';
import { MalformedMessageError, TaskInfo, type WireType } from '../../../proto/index.ts';
import { messageOf } from '../../support/any-message.ts';
import { corpus, damage, frugal, unpolluted } from '../../support/hostile-bytes.ts';

/** Messages of each type and form, and what is done to each; FAST_CHECK_SEED asks for others. */
const RUNS = 2;
const DAMAGES = 12;

/** What was read, or undefined if it was refused; anything else that is thrown goes on. */
function read<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedMessageError);
    return undefined;
  }
}

function refusal(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    return error;
  }
}

/** Whatever is accepted is a message: it can be written in both forms, and read again as the same. */
function accepted(type: WireType<unknown>, message: unknown): void {
  const body = type.encode(message);
  expect(type.encode(type.decode(body))).toEqual(body);
  const json = type.toJson(message);
  JSON.parse(json);
  read(() => type.fromJson(json));
}

/** What nobody means to send in the place of a value. */
const HOSTILE: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e308,
  2 ** 64,
  '',
  '9'.repeat(400),
  '-',
  'NaN',
  '\uD800',
  [],
  [[[]]],
  {},
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
];

/** The same JSON, with one value in it that is another; `place` counts from the outermost. */
function spoiled(json: unknown, place: number, value: unknown): unknown {
  let left = place;
  const walk = (each: unknown): unknown => {
    if (left-- === 0) return value;
    if (Array.isArray(each)) return each.map(walk);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(json);
}

describe('bytes that were a message, and were changed', () => {
  test.each([...wireTypes.keys()])('%s: are one still, or are refused [X21]', (name) => {
    const type = wireTypes.get(name);
    if (!type) throw new Error(name);
    const spoil = fc.array(damage, { minLength: DAMAGES, maxLength: DAMAGES });
    unpolluted(() =>
      fc.assert(
        fc.property(messageOf(type), spoil, (message, damages) => {
          const body = type.encode(message);
          for (const each of damages) {
            const spoilt = each(body);
            const decoded = read(() => type.decode(spoilt));
            if (decoded !== undefined) accepted(type, decoded);
          }
        }),
        { numRuns: RUNS, endOnFailure: true },
      ),
    );
  });
});

describe('JSON that was a message, and was changed', () => {
  test.each([...wireTypes.keys()])('%s: is one still, or is refused [X18, X21]', (name) => {
    const type = wireTypes.get(name);
    if (!type) throw new Error(name);
    const changes = fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...HOSTILE)), {
      minLength: DAMAGES,
      maxLength: DAMAGES,
    });
    unpolluted(() =>
      fc.assert(
        fc.property(messageOf(type), changes, (message, all) => {
          const json: unknown = JSON.parse(type.toJson(message));
          for (const [place, value] of all) {
            const decoded = read(() => type.fromJson(spoiled(json, place, value)));
            if (decoded !== undefined) accepted(type, decoded);
          }
        }),
        { numRuns: RUNS, endOnFailure: true },
      ),
    );
  });
});

describe('bytes that are a message of no type', () => {
  test.each(corpus('protobuf'))('$what', ({ bytes }) => {
    unpolluted(() => {
      for (const type of wireTypes.values()) {
        expect(() => frugal(() => type.decode(bytes))).toThrow(MalformedMessageError);
      }
    });
  });

  test('any at all: they are refused, or are a message', () => {
    const types = [...wireTypes.values()];
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 80 }), (type, bytes) => {
        const decoded = read(() => type.decode(bytes));
        if (decoded !== undefined) accepted(type, decoded);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('JSON that is a message of no type', () => {
  test.each(corpus('json'))('$what', ({ text }) => {
    expect(() => unpolluted(() => TaskInfo.fromJson(text))).toThrow(MalformedMessageError);
  });

  test.each([
    ['objects', '{"a":', '}'],
    ['arrays', '{"a":[', ']}'],
    ['arrays in a field', '{"labels":{"labels":[', ']}}'],
  ])('100,000 %s in one another', (_what, opening, closing) => {
    const depth = 100_000;
    const text = `${opening.repeat(depth)}1${closing.repeat(depth)}`;
    expect(() => TaskInfo.fromJson(text)).toThrow(MalformedMessageError);
  });

  test('a field of 100,000 arrays in one another', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const field of ['name', 'resources', 'data']) {
      expect(() => TaskInfo.fromJson(`{"${field}":${deep}}`)).toThrow(MalformedMessageError);
    }
  });

  test('numbers beyond all measure are refused without a look at each digit', () => {
    const digits = '9'.repeat(1_000_000);
    for (const value of [digits, `"${digits}"`, `"-${digits}"`, `1${'0'.repeat(999_999)}`]) {
      const text = `{"nanoseconds":${value}}`;
      const type = wireTypes.get('mesos.TimeInfo');
      const error = refusal(() => type?.fromJson(text));
      expect(error).toBeInstanceOf(MalformedMessageError);
      expect(String(error).length).toBeLessThan(2_000);
    }
  });
});
