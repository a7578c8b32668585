import { DiskError, RuntimeError } from '../../libprocess/errors.ts';

/** The disk stayed full until more was held in memory than may be. */
export class JournalFullError extends RuntimeError {
  constructor(heldBytes: number) {
    super('JOURNAL_FULL', `The disk is full and ${heldBytes} bytes of checkpoints wait for room`);
  }
}

/** The journal failed or was closed before this became durable. */
export class JournalClosedError extends RuntimeError {
  constructor(cause?: unknown) {
    super('JOURNAL_CLOSED', 'The checkpoint journal is closed', cause);
  }
}

/** A file of the journal that was whole once is not any more. */
export class JournalDamagedError extends RuntimeError {
  constructor(path: string, what: string, cause?: unknown) {
    super('JOURNAL_DAMAGED', `'${path}' is damaged: ${what}`, cause);
  }
}

/** Whether a write failed only for want of room. */
export function isFull(error: unknown): boolean {
  return error instanceof DiskError && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
