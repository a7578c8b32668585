import { crc32c } from '../../common/crc32c.ts';
import type { JournalOp } from './journal.ts';

/**
 * A segment is a header and then commits; a commit is one or more records, first and last marked:
 *
 * ```
 * header = magic | salt u32 | crc32c u32 of both; durable before the first commit
 * record = length u32 | checksum u32 | operation u8 | path length u16 | argument u48 | path | bytes
 * ```
 *
 * Integers are little-endian. The argument is the offset of an append, the mode of a file or directory,
 * the number of commits of `applied`, whose path is a boot id; the bytes of a link are its target. The checksum is the CRC-32C of what follows
 * it, xor the segment's random salt: bytes that a framework put into a record are never taken for one.
 */
const MAGIC = new TextEncoder().encode('mesos-ts journal 1\n');
const HEADER_BYTES = MAGIC.length + 8;

/** Length and checksum. */
const PREFIX_BYTES = 8;
/** Operation, path length and argument. */
const FIXED_BYTES = 9;
/** More than any path or message the agent writes; what claims to be longer is not a record. */
const RECORD_BYTES_MAX = 64 * 1024 * 1024;
const LAST_OF_COMMIT = 0x80;
const FIRST_OF_COMMIT = 0x40;
const CODE_MASK = 0x3f;

const CODES = { put: 1, append: 2, directory: 3, symlink: 4, remove: 5, applied: 6 } as const;

/**
 * Says that since boot `path` the plain files hold what earlier segments say, and the first `commits`
 * commits of this one: they need not be carried out again as long as the host has not been restarted.
 */
export interface AppliedMark {
  readonly kind: 'applied';
  readonly path: string;
  readonly commits: number;
}

export type LoggedOp = JournalOp | AppliedMark;

export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o755;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NOTHING = new Uint8Array();

export function encodeSegmentHeader(salt: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  header.set(MAGIC);
  view.setUint32(MAGIC.length, salt, true);
  view.setUint32(MAGIC.length + 4, crc32c(header, 0, MAGIC.length + 4), true);
  return header;
}

/** Encodes the records of one commit. The buffer is reused: each call overwrites the last result. */
export class CommitEncoder {
  #buffer = new Uint8Array(64 * 1024);
  #view = new DataView(this.#buffer.buffer);
  #end = 0;

  encode(ops: readonly LoggedOp[], salt: number): Uint8Array {
    this.#end = 0;
    let start = 0;
    for (const [index, op] of ops.entries()) {
      const first = index === 0 ? FIRST_OF_COMMIT : 0;
      const last = index === ops.length - 1 ? LAST_OF_COMMIT : 0;
      this.#record(op, first | last);
      this.#view.setUint32(start + 4, this.#checksum(start, salt), true);
      start = this.#end;
    }
    return this.#buffer.subarray(0, this.#end);
  }

  #record(op: LoggedOp, flags: number): void {
    const bytes = bytesOf(op);
    // UTF-8 takes at most three bytes for a UTF-16 unit.
    this.#reserve(PREFIX_BYTES + FIXED_BYTES + op.path.length * 3 + bytes.length);
    const start = this.#end + PREFIX_BYTES;
    const pathStart = start + FIXED_BYTES;
    const pathBytes = encoder.encodeInto(op.path, this.#buffer.subarray(pathStart)).written;
    const end = pathStart + pathBytes + bytes.length;
    const argument = argumentOf(op);
    this.#view.setUint8(start, CODES[op.kind] | flags);
    this.#view.setUint16(start + 1, pathBytes, true);
    this.#view.setUint32(start + 3, argument >>> 0, true);
    this.#view.setUint16(start + 7, Math.floor(argument / 2 ** 32), true);
    this.#buffer.set(bytes, pathStart + pathBytes);
    this.#view.setUint32(this.#end, end - start, true);
    this.#end = end;
  }

  #checksum(start: number, salt: number): number {
    return (crc32c(this.#buffer, start + PREFIX_BYTES, this.#end) ^ salt) >>> 0;
  }

  #reserve(moreBytes: number): void {
    if (this.#end + moreBytes <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#buffer.length, this.#end + moreBytes));
    larger.set(this.#buffer.subarray(0, this.#end));
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function bytesOf(op: LoggedOp): Uint8Array {
  switch (op.kind) {
    case 'put':
    case 'append':
      return op.bytes;
    case 'symlink':
      return encoder.encode(op.target);
    case 'directory':
    case 'remove':
    case 'applied':
      return NOTHING;
  }
}

function argumentOf(op: LoggedOp): number {
  switch (op.kind) {
    case 'append':
      return op.offset;
    case 'put':
      return op.mode ?? FILE_MODE;
    case 'directory':
      return op.mode ?? DIRECTORY_MODE;
    case 'applied':
      return op.commits;
    case 'symlink':
    case 'remove':
      return 0;
  }
}

export interface DecodedSegment {
  /** In order, each whole. */
  readonly commits: readonly (readonly LoggedOp[])[];
  /** Offsets of what is neither a commit nor an unfinished last one. */
  readonly damagedAt: readonly number[];
  /** What follows the last whole commit: a write that the crash cut short. */
  readonly tornBytes: number;
}

/**
 * Reads a segment. A commit that fails its checksum with whole commits after it was durable once and
 * is damaged; without any after it, nobody has acted on it, and it is cut.
 */
export function decodeSegment(bytes: Uint8Array): DecodedSegment {
  const segment = openSegment(bytes);
  if (!segment) {
    const unfinished = bytes.length <= HEADER_BYTES;
    return { commits: [], damagedAt: unfinished ? [] : [0], tornBytes: bytes.length };
  }
  const commits: (readonly LoggedOp[])[] = [];
  const suspects: number[] = [];
  let wholeUntil = HEADER_BYTES;
  let offset = HEADER_BYTES;
  while (offset < bytes.length) {
    const commit = decodeCommit(segment, offset);
    if (commit.ops) {
      commits.push(commit.ops);
      wholeUntil = offset = commit.end;
    } else {
      suspects.push(offset);
      offset = nextCommit(segment, commit.end);
    }
  }
  return {
    commits,
    damagedAt: suspects.filter((at) => at < wholeUntil),
    tornBytes: bytes.length - wholeUntil,
  };
}

interface Segment {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly salt: number;
}

function openSegment(bytes: Uint8Array): Segment | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const checksum = crc32c(bytes, 0, MAGIC.length + 4);
  const known = MAGIC.every((byte, index) => bytes[index] === byte);
  if (!known || view.getUint32(MAGIC.length + 4, true) !== checksum) return undefined;
  return { bytes, view, salt: view.getUint32(MAGIC.length, true) };
}

interface DecodedCommit {
  /** Absent if a record of it is not whole; then `end` is where that one begins. */
  readonly ops: readonly LoggedOp[] | undefined;
  readonly end: number;
}

function decodeCommit(segment: Segment, start: number): DecodedCommit {
  const ops: LoggedOp[] = [];
  let offset = start;
  for (;;) {
    const record = decodeRecord(segment, offset);
    if (record?.first !== (offset === start)) return { ops: undefined, end: offset };
    ops.push(record.op);
    offset = record.end;
    if (record.last) return { ops, end: offset };
  }
}

/** Where the next whole first record of a commit begins, or the end of the segment. */
function nextCommit(segment: Segment, damagedAt: number): number {
  let offset = damagedAt;
  while (offset < segment.bytes.length) {
    const record = decodeRecord(segment, offset);
    if (record?.first && offset > damagedAt) return offset;
    offset = record && !record.first ? record.end : offset + 1;
  }
  return segment.bytes.length;
}

interface DecodedRecord {
  readonly op: LoggedOp;
  readonly first: boolean;
  readonly last: boolean;
  readonly end: number;
}

function decodeRecord(segment: Segment, offset: number): DecodedRecord | undefined {
  const { bytes, view, salt } = segment;
  const start = offset + PREFIX_BYTES;
  if (start + FIXED_BYTES > bytes.length) return undefined;
  const length = view.getUint32(offset, true);
  const end = start + length;
  if (length < FIXED_BYTES || length > RECORD_BYTES_MAX || end > bytes.length) return undefined;
  const pathStart = start + FIXED_BYTES;
  const pathEnd = pathStart + view.getUint16(start + 1, true);
  if (pathEnd > end) return undefined;
  const checksum = (crc32c(bytes, start, end) ^ salt) >>> 0;
  if (view.getUint32(offset + 4, true) !== checksum) return undefined;
  const code = view.getUint8(start);
  const op = makeOp({
    code: code & CODE_MASK,
    path: decoder.decode(bytes.subarray(pathStart, pathEnd)),
    argument: view.getUint32(start + 3, true) + view.getUint16(start + 7, true) * 2 ** 32,
    bytes: bytes.subarray(pathEnd, end),
  });
  const first = (code & FIRST_OF_COMMIT) !== 0;
  return op && { op, first, last: (code & LAST_OF_COMMIT) !== 0, end };
}

interface RecordParts {
  readonly code: number;
  readonly path: string;
  readonly argument: number;
  readonly bytes: Uint8Array;
}

function makeOp({ code, path, argument, bytes }: RecordParts): LoggedOp | undefined {
  switch (code) {
    case CODES.put:
      return { kind: 'put', path, mode: argument, bytes };
    case CODES.append:
      return { kind: 'append', path, offset: argument, bytes };
    case CODES.directory:
      return { kind: 'directory', path, mode: argument };
    case CODES.symlink:
      return { kind: 'symlink', path, target: decoder.decode(bytes) };
    case CODES.remove:
      return { kind: 'remove', path };
    case CODES.applied:
      return { kind: 'applied', path, commits: argument };
    default:
      return undefined;
  }
}
