import { crc32c } from '../../../common/crc32c.ts';
import type { Step } from './chunk-diff.ts';

/**
 * ```
 * file   = magic | salt u32 | crc32c u32 of both | record...
 * record = length u32 | crc32c u32 of the rest, xor salt | name | version | epoch u48 | step...
 * step   = 0 | from u32 | count u32     pieces of the value before
 *        | 1 | length u32 | bytes       a new piece
 * ```
 *
 * Texts have their length in two bytes before them. The first record of a name keeps nothing.
 */
const MAGIC = new TextEncoder().encode('mesos-ts registry 1\n');
export const HEADER_BYTES = MAGIC.length + 8;
const PREFIX_BYTES = 8;
const KEEP = 0;
const INSERT = 1;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface LogRecord {
  readonly name: string;
  readonly version: string;
  readonly epoch: number;
  readonly steps: readonly Step[];
}

export function encodeHeader(salt: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  header.set(MAGIC);
  view.setUint32(MAGIC.length, salt, true);
  view.setUint32(MAGIC.length + 4, crc32c(header, 0, MAGIC.length + 4), true);
  return header;
}

/** The salt of a file; undefined if it does not begin with a header. */
export function decodeHeader(file: Uint8Array): number | undefined {
  if (file.length < HEADER_BYTES) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const known = MAGIC.every((byte, index) => file[index] === byte);
  const checksum = crc32c(file, 0, MAGIC.length + 4);
  if (!known || view.getUint32(MAGIC.length + 4, true) !== checksum) return undefined;
  return view.getUint32(MAGIC.length, true);
}

export function encodeRecord({ name, version, epoch, steps }: LogRecord, salt: number): Uint8Array {
  const nameBytes = encoder.encode(name);
  const versionBytes = encoder.encode(version);
  const stepsBytes = steps.reduce((sum, step) => sum + stepBytes(step), 0);
  const size = PREFIX_BYTES + 2 + nameBytes.length + 2 + versionBytes.length + 6 + stepsBytes;
  const record = new Uint8Array(size);
  const view = new DataView(record.buffer);
  let at = PREFIX_BYTES;
  for (const text of [nameBytes, versionBytes]) {
    view.setUint16(at, text.length, true);
    record.set(text, at + 2);
    at += 2 + text.length;
  }
  view.setUint32(at, epoch >>> 0, true);
  view.setUint16(at + 4, Math.floor(epoch / 2 ** 32), true);
  at += 6;
  for (const step of steps) {
    const keeps = step.kind === 'keep';
    view.setUint8(at, keeps ? KEEP : INSERT);
    view.setUint32(at + 1, keeps ? step.from : step.chunk.length, true);
    if (keeps) view.setUint32(at + 5, step.count, true);
    else record.set(step.chunk, at + 5);
    at += stepBytes(step);
  }
  view.setUint32(0, size - PREFIX_BYTES, true);
  view.setUint32(4, (crc32c(record, PREFIX_BYTES) ^ salt) >>> 0, true);
  return record;
}

function stepBytes(step: Step): number {
  return step.kind === 'keep' ? 9 : 5 + step.chunk.length;
}

/** Where a whole record that begins at `offset` ends; undefined if none does. */
export function recordEnd(file: Uint8Array, offset: number, salt: number): number | undefined {
  const start = offset + PREFIX_BYTES;
  if (start > file.length) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const end = start + view.getUint32(offset, true);
  if (end === start || end > file.length) return undefined;
  const checksum = (crc32c(file, start, end) ^ salt) >>> 0;
  return view.getUint32(offset + 4, true) === checksum ? end : undefined;
}

/** Decodes what `recordEnd` has found whole. */
export function decodeRecord(file: Uint8Array, offset: number, end: number): LogRecord {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let at = offset + PREFIX_BYTES;
  const text = (): string => {
    const length = view.getUint16(at, true);
    at += 2 + length;
    return decoder.decode(file.subarray(at - length, at));
  };
  const name = text();
  const version = text();
  const epoch = view.getUint32(at, true) + view.getUint16(at + 4, true) * 2 ** 32;
  at += 6;
  const steps: Step[] = [];
  while (at < end) {
    const size = view.getUint32(at + 1, true);
    const step: Step =
      view.getUint8(at) === KEEP
        ? { kind: 'keep', from: size, count: view.getUint32(at + 5, true) }
        : { kind: 'insert', chunk: file.subarray(at + 5, at + 5 + size) };
    steps.push(step);
    at += stepBytes(step);
  }
  return { name, version, epoch, steps };
}
