import { readFileSync } from 'node:fs';
import fc from 'fast-check';

/** One change to bytes that were right: where, as a fraction of their length, and what. */
interface Change {
  readonly kind: 'flip' | 'set' | 'cut' | 'insert' | 'repeat' | 'remove' | 'length';
  readonly at: number;
  readonly byte: number;
  readonly span: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'cut', 'insert', 'repeat', 'remove', 'length'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.nat(255),
  span: fc.integer({ min: 1, max: 16 }),
});

/** 2 GB and more, in the ways in which lengths are written. */
const LENGTHS: readonly (readonly number[])[] = [
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff],
  [0x80, 0x80, 0x80, 0x80, 0x08],
];

function changed(bytes: Uint8Array, { kind, at, byte, span }: Change): Uint8Array {
  const place = Math.min(bytes.length, Math.floor(at * bytes.length));
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (kind) {
    case 'flip':
      return Uint8Array.from(bytes, (each, index) => (index === place ? each ^ byte : each));
    case 'set':
      return Uint8Array.from(bytes, (each, index) => (index === place ? byte : each));
    case 'cut':
      return before;
    case 'insert':
      return joined(before, Uint8Array.of(byte), after);
    case 'repeat':
      return joined(before, after.subarray(0, span), after);
    case 'remove':
      return joined(before, after.subarray(span));
    case 'length':
      return joined(
        before,
        Uint8Array.from(LENGTHS[byte % LENGTHS.length] ?? []),
        after.subarray(1),
      );
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Ways to spoil what was right: some changes, one on the other. */
export const damage: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc
  .array(change, { minLength: 1, maxLength: 4 })
  .map((changes) => (bytes) => changes.reduce(changed, bytes));

const BUILT_IN = [Object, Array, Function, String, Number, Boolean, Map, Set, Date, RegExp, Error];
const SHARED: readonly object[] = [...BUILT_IN, Uint8Array, Promise, globalThis].flatMap((each) =>
  typeof each === 'function' ? [each, each.prototype as object] : [each],
);

/** What all objects have in common: each key of it, and its value. */
function everybody(): readonly unknown[] {
  return SHARED.flatMap((object) =>
    Reflect.ownKeys(object).flatMap((key) => {
      const described = Reflect.getOwnPropertyDescriptor(object, key);
      const value: unknown = described?.get ?? described?.value;
      return [object, key, value];
    }),
  );
}

/** Runs `attack` and throws if an object that others share is not what it was. */
export function unpolluted<T>(attack: () => T): T {
  const before = everybody();
  try {
    return attack();
  } finally {
    const after = everybody();
    if (
      after.length !== before.length ||
      after.some((each, index) => !Object.is(each, before[index]))
    ) {
      throw new Error('An object that others share was changed');
    }
  }
}

const MIB = 1_024 ** 2;
/** What a decoder may take for something small, whatever it says of itself. */
const FRUGAL_BYTES_MAX = 16 * MIB;

/** Runs `attack` and throws if it took memory by what was declared and not by what was there. */
export function frugal<T>(attack: () => T): T {
  const before = process.memoryUsage();
  try {
    return attack();
  } finally {
    const after = process.memoryUsage();
    const taken = after.arrayBuffers - before.arrayBuffers + after.heapUsed - before.heapUsed;
    if (taken > FRUGAL_BYTES_MAX) throw new Error(`It took ${taken} bytes`);
  }
}

/** What once went wrong, or is known to go wrong elsewhere. */
export interface CorpusCase {
  readonly what: string;
  /** Bytes in hex; blanks count for nothing, and `x*n` repeats `x`. */
  readonly hex?: string;
  readonly text?: string;
  /** What it must be read as, if it is right after all; absent: it is refused. */
  readonly reads?: unknown;
}

/** A file of `tests/scenario/hostile-bytes/corpus/`. */
export function corpus(name: string): readonly (CorpusCase & { readonly bytes: Uint8Array })[] {
  const url = new URL(`../scenario/hostile-bytes/corpus/${name}.json`, import.meta.url);
  const cases = JSON.parse(readFileSync(url, 'utf8')) as readonly CorpusCase[];
  return cases.map((each) => ({ ...each, bytes: bytesOf(each) }));
}

function bytesOf({ hex, text = '' }: CorpusCase): Uint8Array {
  if (hex === undefined) return new TextEncoder().encode(text);
  const parts = hex.split(' ').map((part) => {
    const [digits = '', times = '1'] = part.split('*');
    return digits.repeat(Number(times));
  });
  return Uint8Array.from(Buffer.from(parts.join(''), 'hex'));
}
