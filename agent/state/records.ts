import { MesosError } from '../../common/errors.ts';
import type { MessageType } from '../../libprocess/message.ts';

/** What is in a checkpoint file is not what should be. */
export class DamagedRecordError extends MesosError {
  constructor(what: string, cause?: unknown) {
    super('MESOS_DAMAGED_RECORD', what, cause);
  }
}

const LENGTH_BYTES = 4;

/** One record of a checkpoint file: a length in four bytes, little-endian, then the message. */
export function encodeRecord<M>(type: MessageType<M>, message: M): Uint8Array {
  const body = type.encode(message);
  const record = new Uint8Array(LENGTH_BYTES + body.length);
  record[0] = body.length;
  record[1] = body.length >>> 8;
  record[2] = body.length >>> 16;
  record[3] = body.length >>> 24;
  record.set(body, LENGTH_BYTES);
  return record;
}

export interface DecodedRecords<M> {
  readonly records: readonly M[];
  /** Up to the end of the last whole record; what follows was cut short by a crash. */
  readonly wholeBytes: number;
}

/** Errors: `DamagedRecordError` if a record is all there and yet no message. */
export function decodeRecords<M>(type: MessageType<M>, bytes: Uint8Array): DecodedRecords<M> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const records: M[] = [];
  let offset = 0;
  while (offset + LENGTH_BYTES <= bytes.length) {
    const start = offset + LENGTH_BYTES;
    const end = start + view.getUint32(offset, true);
    if (end > bytes.length) break;
    records.push(decode(type, bytes.subarray(start, end), offset));
    offset = end;
  }
  return { records, wholeBytes: offset };
}

/** The one record of a file. Errors: `DamagedRecordError`. */
export function decodeRecord<M>(type: MessageType<M>, bytes: Uint8Array): M {
  const [record] = decodeRecords(type, bytes).records;
  if (record === undefined) throw new DamagedRecordError(`${type.fullName} is cut short`);
  return record;
}

function decode<M>(type: MessageType<M>, body: Uint8Array, offset: number): M {
  try {
    return type.decode(body);
  } catch (cause) {
    throw new DamagedRecordError(`Record at byte ${offset} is no ${type.fullName}`, cause);
  }
}
