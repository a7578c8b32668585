export { DiskJournal, type DiskJournalOptions } from './disk-journal.ts';
export type { Journal, JournalOp, Lsn, WhenFull } from './journal.ts';
export { NullJournal } from './null-journal.ts';
export {
  recoverJournal,
  type JournalRecoveryOptions,
  type RecoveredJournal,
} from './recover-journal.ts';
export {
  MECHANISM_POINTS,
  WRITE_POINTS,
  type MechanismPoint,
  type WritePoint,
} from './write-point.ts';
