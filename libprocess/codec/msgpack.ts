import { isUtf8 } from 'node:buffer';
import { Packr, Unpackr } from 'msgpackr';
import { RuntimeError } from '../errors.ts';
import { DEPTH_MAX, misfitOf, type Misfit } from './plain.ts';

/** Bytes from a peer are no message pack of plain values. */
export class MalformedValueError extends RuntimeError {
  constructor(reason: string, cause?: unknown) {
    super('MALFORMED_VALUE', `Failed to decode a value: ${reason}`, cause);
  }
}

/**
 * A value holds what is not plain: a date, a map, a function, an instance of a class, an integer over 64
 * bits, itself, or more than 64 levels. The message says where, and what it is.
 */
export class UnsendableValueError extends RuntimeError {
  constructor(reason: string, cause?: unknown) {
    super('UNSENDABLE_VALUE', `Failed to encode a value: ${reason}`, cause);
  }

  static of({ path, what }: Misfit): UnsendableValueError {
    const where = path === '' ? 'it' : `'${path}'`;
    return new UnsendableValueError(`${where} is ${what}; ${SENDABLE}`);
  }
}

const SENDABLE =
  'expecting null, booleans, numbers, bigints of 64 bits, strings, Uint8Array, and arrays and plain objects of them';

const OPTIONS = { useRecords: false, mapsAsObjects: true, variableMapSize: true } as const;
/** Undefined is as in JSON: left out of objects, null in arrays. */
const UNDEFINED = { skipValues: [undefined], encodeUndefinedAsNil: true };
const packr = new Packr({ ...OPTIONS, ...UNDEFINED });
const unpackr = new Unpackr(OPTIONS);

/**
 * Encodes null, booleans, numbers, bigints of 64 bits, strings, bytes, and arrays and plain objects of
 * them. Throws `UnsendableValueError` for anything else: the library would make something of it, and
 * nobody could tell what it was. Of an array around what a caller gave, that is `given`: errors speak of it.
 */
export function encodeValue(value: unknown, given = value): Uint8Array {
  try {
    const misfit = misfitOf(given, given === value ? 0 : 1);
    if (misfit) throw UnsendableValueError.of(misfit);
    const bytes = packr.pack(value);
    new Walker(bytes).value(0);
    return bytes;
  } catch (error) {
    if (error instanceof UnsendableValueError) throw error;
    throw new UnsendableValueError(error instanceof Error ? error.message : 'not plain', error);
  }
}

/**
 * Decodes what `encodeValue` made. Throws `MalformedValueError` on anything else: the bytes are
 * walked before the library sees them, so that no declared length allocates and nothing recurses.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  const walker = new Walker(bytes);
  walker.value(0);
  if (walker.at !== bytes.length) throw new MalformedValueError('bytes are left over');
  try {
    return unpackr.unpack(bytes);
  } catch (cause) {
    throw new MalformedValueError('not understood', cause);
  }
}

/** Byte lengths, of the value or of the length that says it, by the first byte from 0xc0 on. */
const FIXED: Readonly<Record<number, number>> = {
  0xc0: 0,
  0xc2: 0,
  0xc3: 0,
  0xca: 4,
  0xcb: 8,
  0xcc: 1,
  0xcd: 2,
  0xce: 4,
  0xcf: 8,
  0xd0: 1,
  0xd1: 2,
  0xd2: 4,
  0xd3: 8,
};
const BLOBS: Readonly<Record<number, number>> = {
  0xc4: 1,
  0xc5: 2,
  0xc6: 4,
  0xd9: 1,
  0xda: 2,
  0xdb: 4,
};

class Walker {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  value(depth: number): void {
    if (depth > DEPTH_MAX) throw new MalformedValueError(`nested deeper than ${DEPTH_MAX}`);
    const first = this.#number(1);
    if (first < 0x80 || first >= 0xe0) return;
    if (first < 0x90) this.#map(first & 0x0f, depth);
    else if (first < 0xa0) this.#array(first & 0x0f, depth);
    else if (first < 0xc0) this.#text(first & 0x1f);
    else this.#long(first, depth);
  }

  #long(first: number, depth: number): void {
    const fixed = FIXED[first];
    const blob = BLOBS[first];
    if (fixed !== undefined) this.#skip(fixed);
    else if (blob !== undefined && first < 0xd9) this.#skip(this.#number(blob));
    else if (blob !== undefined) this.#text(this.#number(blob));
    else if (first === 0xdc || first === 0xdd)
      this.#array(this.#number(first === 0xdc ? 2 : 4), depth);
    else if (first === 0xde || first === 0xdf)
      this.#map(this.#number(first === 0xde ? 2 : 4), depth);
    else throw new MalformedValueError('an extension type');
  }

  #array(length: number, depth: number): void {
    if (length > this.#bytes.length - this.at) throw new MalformedValueError('cut off');
    for (let index = 0; index < length; index += 1) this.value(depth + 1);
  }

  #map(size: number, depth: number): void {
    if (size > this.#bytes.length - this.at) throw new MalformedValueError('cut off');
    for (let index = 0; index < size; index += 1) {
      const first = this.#bytes[this.at] ?? 0;
      const text = (first >= 0xa0 && first < 0xc0) || (first >= 0xd9 && first <= 0xdb);
      if (!text) throw new MalformedValueError('a key that is no text');
      this.value(depth + 1);
      this.value(depth + 1);
    }
  }

  #text(length: number): void {
    const start = this.at;
    this.#skip(length);
    if (!isUtf8(this.#bytes.subarray(start, this.at))) {
      throw new MalformedValueError('a text that is not UTF-8');
    }
  }

  #number(bytes: number): number {
    let value = 0;
    for (let index = 0; index < bytes; index += 1) {
      value = value * 256 + (this.#bytes[this.at + index] ?? 0);
    }
    this.#skip(bytes);
    return value;
  }

  #skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.#bytes.length) throw new MalformedValueError('cut off');
  }
}
