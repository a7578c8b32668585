import protobuf from 'protobufjs/minimal.js';
import type { Reader, Writer } from 'protobufjs/minimal.js';

import { MalformedMessageError } from './errors.ts';
import { keep, UNKNOWN_FIELDS } from './kept.ts';

/** Messages nested deeper are refused, as protobuf's own C++ parser does. */
const DEPTH_MAX = 100;

/** Up to here a loop is faster than a call into the engine. */
const SHORT_TEXT = 11;
const SHORT_BYTES = 64;

const scratch = new DataView(new ArrayBuffer(8));
let unknownFields = 0;

/**
 * Bytes that may still be merged in the message that is being decoded. Nobody sends a singular field
 * more than once on purpose; thousands of times would cost the square of the message's length.
 */
let mergeBudget = 0;
const MERGES_MAX = 4;

/** Fields that were skipped since the start, because this version does not know them. */
export function unknownFieldsSkipped(): number {
  return unknownFields;
}

export function decodeMessage<M>(
  fullName: string,
  read: (reader: Reader, depth: number) => M,
  body: Uint8Array,
): M {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  mergeBudget = MERGES_MAX * bytes.length;
  try {
    return read(protobuf.Reader.create(bytes), 0);
  } catch (cause) {
    if (cause instanceof MalformedMessageError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MalformedMessageError(`Not a ${fullName}: ${reason}`, cause);
  }
}

/** The number and wire type of the next field; nearly always one byte. */
export function readTag(reader: Reader): number {
  const byte = reader.buf[reader.pos];
  if (byte !== undefined && byte < 0x80) {
    reader.pos += 1;
    return byte;
  }
  return reader.tag();
}

/** Reads the length of what follows and checks that it is there. */
function readSize(reader: Reader): number {
  let size = reader.buf[reader.pos];
  if (size !== undefined && size < 0x80 && reader.pos < reader.len) reader.pos += 1;
  else size = reader.size();
  const left = reader.len - reader.pos;
  if (size > left) {
    throw new MalformedMessageError(`A field claims ${size} bytes where ${left} are left`);
  }
  return size;
}

/** Narrows the reader to the length-delimited field that starts here; the caller restores `len`. */
export function enter(reader: Reader, depth: number): number {
  if (depth >= DEPTH_MAX) {
    throw new MalformedMessageError(`Messages are nested deeper than ${DEPTH_MAX}`);
  }
  const size = readSize(reader);
  const outer = reader.len;
  reader.len = reader.pos + size;
  return outer;
}

export function missing(field: string): never {
  throw new MalformedMessageError(`Missing required field ${field}`);
}

/** A copy: a view would keep the whole frame that the message came in. */
export function readBytes(reader: Reader): Uint8Array {
  const size = readSize(reader);
  const start = reader.pos;
  reader.pos = start + size;
  const copy = new Uint8Array(size);
  if (size > SHORT_BYTES) {
    copy.set(reader.buf.subarray(start, reader.pos));
  } else {
    for (let index = 0; index < size; index += 1) copy[index] = reader.buf[start + index] ?? 0;
  }
  return copy;
}

/** What `decodeMessage` makes readers from: a Buffer, with the method that its `toString` calls. */
interface TextBuffer extends Uint8Array {
  utf8Slice(start: number, end: number): string;
}

/** Invalid UTF-8 becomes U+FFFD. */
export function readText(reader: Reader): string {
  const size = readSize(reader);
  const start = reader.pos;
  const end = start + size;
  reader.pos = end;
  if (size <= SHORT_TEXT) {
    // A call into the engine costs more than these few characters.
    const short = shortText(reader.buf, start, end);
    if (short !== undefined) return short;
  }
  return (reader.buf as TextBuffer).utf8Slice(start, end);
}

/** Undefined if it is not ASCII. */
function shortText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const a = bytes[at] ?? 0;
    const b = bytes[at + 1] ?? 0;
    const c = bytes[at + 2] ?? 0;
    const e = bytes[at + 3] ?? 0;
    if ((a | b | c | e) > 0x7f) return undefined;
    text += String.fromCharCode(a, b, c, e);
  }
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function readVarint64(reader: Reader): void {
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (reader.pos >= reader.len) throw new MalformedMessageError('A number is cut short');
    const byte = reader.buf[reader.pos++] ?? 0;
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high |= bits >>> 4;
    } else high |= bits << (shift - 32);
    if (byte < 0x80) {
      scratch.setInt32(0, high);
      scratch.setInt32(4, low);
      return;
    }
  }
  throw new MalformedMessageError('A number is longer than ten bytes');
}

export function readInt64(reader: Reader): bigint {
  readVarint64(reader);
  return scratch.getBigInt64(0);
}

export function readUint64(reader: Reader): bigint {
  readVarint64(reader);
  return scratch.getBigUint64(0);
}

export function readUint64AsNumber(reader: Reader): number {
  readVarint64(reader);
  return safe(scratch.getUint32(0) * 2 ** 32 + scratch.getUint32(4));
}

export function readInt64AsNumber(reader: Reader): number {
  readVarint64(reader);
  return safe(scratch.getInt32(0) * 2 ** 32 + scratch.getUint32(4));
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) {
    throw new MalformedMessageError(`${value} is beyond the range of a number field`);
  }
  return value;
}

/** Skips a field that this version does not know. */
export function skipField(reader: Reader, tag: number, depth: number): void {
  unknownFields += 1;
  skipValue(reader, tag, depth);
}

function skipValue(reader: Reader, tag: number, depth: number): void {
  if (tag >>> 3 === 0) throw new MalformedMessageError('Field number 0');
  switch (tag & 7) {
    case 0:
      return readVarint64(reader);
    case 1:
      return skipBytes(reader, 8);
    case 2:
      return skipBytes(reader, readSize(reader));
    case 3:
      return skipGroup(reader, tag, depth);
    case 5:
      return skipBytes(reader, 4);
    default:
      throw new MalformedMessageError(`Wire type ${tag & 7} of field ${tag >>> 3}`);
  }
}

function skipBytes(reader: Reader, size: number): void {
  if (size > reader.len - reader.pos) {
    throw new MalformedMessageError(
      `A field claims ${size} bytes where ${reader.len - reader.pos} are left`,
    );
  }
  reader.pos += size;
}

function skipGroup(reader: Reader, start: number, depth: number): void {
  if (depth >= DEPTH_MAX) {
    throw new MalformedMessageError(`Messages are nested deeper than ${DEPTH_MAX}`);
  }
  const end = start + 1; // The wire type that ends a group is 4, the one that starts it 3.
  for (let tag = reader.tag(); tag !== end; tag = reader.tag()) skipValue(reader, tag, depth + 1);
}

export type Mutable<M> = { -readonly [K in keyof M]: M[K] };

/** Values of an enum that we do not know are like fields that we do not know. */
export function unknownValue<T>(previous: T): T {
  unknownFields += 1;
  return previous;
}

/** A singular message that comes twice is merged, as if the bytes of both had stood together. */
export function merge<M>(
  previous: M,
  write: (message: M, writer: Writer) => void,
  read: (reader: Reader, depth: number) => M,
  reader: Reader,
  depth: number,
): M {
  const writer = protobuf.Writer.create();
  write(previous, writer);
  mergeBudget -= writer.pos;
  if (mergeBudget < 0)
    throw new MalformedMessageError('A field that is not repeated comes too often');
  writer.raw(reader.buf.subarray(reader.pos, reader.len));
  reader.pos = reader.len;
  return read(protobuf.Reader.create(writer.finish()), depth);
}

/** The value of a map entry without one. */
export function readEmpty<M>(read: (reader: Reader, depth: number) => M): M {
  return read(protobuf.Reader.create(Buffer.alloc(0)), 0);
}

/** Without a prototype: a key such as `__proto__` is only a key. */
export function emptyMap<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

export function keepUnknown(
  message: object,
  reader: Reader,
  start: number,
  unknown: readonly Uint8Array[] | undefined,
): void {
  keep(message, Uint8Array.from(reader.buf.subarray(start, reader.len)));
  if (unknown === undefined) return;
  Object.assign(message, { [UNKNOWN_FIELDS]: Uint8Array.from(Buffer.concat(unknown)) });
}
