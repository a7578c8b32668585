import protobuf from 'protobufjs/minimal.js';
import type { Reader, Writer } from 'protobufjs/minimal.js';

import { MalformedMessageError } from './errors.ts';
import { keep, UNKNOWN_FIELDS } from './kept.ts';

/** Messages nested deeper are refused, as protobuf's own C++ parser does. */
const DEPTH_MAX = 100;

const scratch = new DataView(new ArrayBuffer(8));
let unknownFields = 0;

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
  try {
    return read(protobuf.Reader.create(bytes), 0);
  } catch (cause) {
    if (cause instanceof MalformedMessageError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MalformedMessageError(`Not a ${fullName}: ${reason}`, cause);
  }
}

/** Narrows the reader to the length-delimited field that starts here; the caller restores `len`. */
export function enter(reader: Reader, depth: number): number {
  if (depth >= DEPTH_MAX) {
    throw new MalformedMessageError(`Messages are nested deeper than ${DEPTH_MAX}`);
  }
  const size = reader.size();
  const end = reader.pos + size;
  const outer = reader.len;
  if (end > outer) {
    throw new MalformedMessageError(
      `A field claims ${size} bytes where ${outer - reader.pos} are left`,
    );
  }
  reader.len = end;
  return outer;
}

export function missing(field: string): never {
  throw new MalformedMessageError(`Missing required field ${field}`);
}

export function readBytes(reader: Reader): Uint8Array {
  const size = reader.size();
  const end = reader.pos + size;
  if (end > reader.len) {
    throw new MalformedMessageError(
      `A field claims ${size} bytes where ${reader.len - reader.pos} are left`,
    );
  }
  // A copy: a view would keep the whole frame that the message came in.
  const copy = new Uint8Array(size);
  copy.set(reader.buf.subarray(reader.pos, end));
  reader.pos = end;
  return copy;
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
      return skipBytes(reader, reader.size());
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

export function withUnknownField(
  previous: Uint8Array | undefined,
  reader: Reader,
  start: number,
): Uint8Array {
  const field = reader.buf.subarray(start, reader.pos);
  return previous === undefined ? Uint8Array.from(field) : Uint8Array.from([...previous, ...field]);
}

export function keepBytes(
  message: object,
  reader: Reader,
  start: number,
  unknown: Uint8Array | undefined,
): void {
  keep(message, new Uint8Array(reader.buf.subarray(start, reader.len)));
  if (unknown !== undefined) Object.assign(message, { [UNKNOWN_FIELDS]: unknown });
}
