import { StorageDamagedError } from '../storage.ts';
import { applySteps } from './chunk-diff.ts';
import { decodeHeader, decodeRecord, HEADER_BYTES, recordEnd } from './log-codec.ts';

/** A value as its log says. */
export interface LoggedValue {
  readonly version: string;
  readonly epoch: number;
  readonly chunks: readonly Uint8Array[];
}

export interface ReplayedLog {
  readonly salt: number;
  readonly values: ReadonlyMap<string, LoggedValue>;
  /** Where the last whole record ends; what follows was cut short by a crash. */
  readonly wholeBytes: number;
}

/**
 * Errors: `StorageDamagedError` if a record is not whole and yet not the last: it was durable once, and
 * what it said must not be lost in silence.
 */
export function replayLog(path: string, file: Uint8Array): ReplayedLog {
  const salt = decodeHeader(file);
  if (salt === undefined) throw new StorageDamagedError(path, 'it does not begin with a header');
  const values = new Map<string, LoggedValue>();
  let wholeBytes = HEADER_BYTES;
  for (;;) {
    const end = recordEnd(file, wholeBytes, salt);
    if (end === undefined) break;
    const { name, version, epoch, steps } = decodeRecord(file, wholeBytes, end);
    const chunks = applySteps(values.get(name)?.chunks ?? [], steps);
    values.set(name, { version, epoch, chunks });
    wholeBytes = end;
  }
  for (let at = wholeBytes + 1; at < file.length; at += 1) {
    if (recordEnd(file, at, salt) !== undefined) {
      throw new StorageDamagedError(path, `checksum mismatch at byte ${wholeBytes}`);
    }
  }
  return { salt, values, wholeBytes };
}
