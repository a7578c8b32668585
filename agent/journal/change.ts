import type { JournalOp } from './journal.ts';
import type { MechanismPoint, WritePoint } from './write-point.ts';

/** An operation, and where in the agent it was made. */
export interface Change {
  readonly op: JournalOp;
  readonly point: WritePoint | MechanismPoint;
}
