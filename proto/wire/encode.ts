import protobuf from 'protobufjs/minimal.js';
import type { Writer } from 'protobufjs/minimal.js';

import { MalformedMessageError } from './errors.ts';
import { keptBytes, UNKNOWN_FIELDS } from './kept.ts';

const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

const scratch = new DataView(new ArrayBuffer(8));

/** Grown buffers above this size are given back. */
const IDLE_BYTES_MAX = 65_536;
let idle: Writer | undefined = protobuf.Writer.create();

export function encodeMessage<M>(
  write: (message: M, writer: Writer) => void,
  message: M,
): Uint8Array {
  // One writer serves all, with a buffer that has grown to the usual size; the result is a copy.
  const writer = idle ?? protobuf.Writer.create();
  idle = undefined; // An encoder that throws leaves the writer in a state that nobody may use.
  writer.pos = 0;
  write(message, writer);
  const bytes = writer.finish();
  if (bytes.length <= IDLE_BYTES_MAX) idle = writer;
  return bytes;
}

const LONE_SURROGATES = /\p{Surrogate}/gu;

/** Lone surrogates become U+FFFD. */
export function writeText(writer: Writer, text: string): void {
  const start = writer.pos;
  writer.string(text);
  // ASCII, of which most is: one byte for each character, and those of the length.
  const { length } = text;
  if (writer.pos - start <= length + (length < 0x80 ? 1 : 5)) return;
  const wellFormed = text.replace(LONE_SURROGATES, '\ufffd');
  if (wellFormed === text) return;
  writer.pos = start;
  writer.string(wellFormed);
}

/** Any 64-bit integer, signed or not: both have the same bytes. */
export function writeBigInt(writer: Writer, value: bigint): void {
  if (value > UINT64_MAX || value < INT64_MIN) {
    throw new MalformedMessageError(`${value} is not a 64-bit integer`);
  }
  scratch.setBigInt64(0, value);
  const long = { low: scratch.getInt32(4), high: scratch.getInt32(0), unsigned: true };
  writer.uint64(long);
}

/** Writes the bytes that `message` was decoded from; false if they were not kept. */
export function writeKeptBytes(message: object, writer: Writer): boolean {
  const bytes = keptBytes(message);
  if (bytes === undefined) return false;
  writer.raw(bytes);
  return true;
}

/** A changed copy of a decoded message still carries the fields that we do not know. */
export function writeUnknownFields(message: object, writer: Writer): void {
  const { [UNKNOWN_FIELDS]: bytes } = message as { [UNKNOWN_FIELDS]?: Uint8Array };
  if (bytes !== undefined) writer.raw(bytes);
}
