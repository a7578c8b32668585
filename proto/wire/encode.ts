import protobuf from 'protobufjs/minimal.js';
import type { Writer } from 'protobufjs/minimal.js';

import { keptBytes, UNKNOWN_FIELDS } from './kept.ts';

const scratch = new DataView(new ArrayBuffer(8));

export function encodeMessage<M>(
  write: (message: M, writer: Writer) => void,
  message: M,
): Uint8Array {
  const writer = protobuf.Writer.create();
  write(message, writer);
  return writer.finish();
}

/** Any 64-bit integer, signed or not: both have the same bytes. */
export function writeBigInt(writer: Writer, value: bigint): void {
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
