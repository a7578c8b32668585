import type { Journal, JournalOp, Lsn } from './journal.ts';

/** The journal of an agent that does not checkpoint: nothing is written, and nothing waits. */
export class NullJournal implements Journal {
  append(_op: JournalOp): Lsn {
    return 0;
  }

  after(_lsn: Lsn, thunk: () => void): void {
    thunk();
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}
