import { RuntimeError } from '../libprocess/errors.ts';

/** Why a `TestClusterError` was thrown. */
export type TestClusterErrorCode =
  /** An option or argument that no cluster can have. */
  | 'INVALID'
  /** The cluster has been closed. */
  | 'CLOSED'
  /** Time moves already: an earlier call has not been awaited. */
  | 'BUSY'
  /** No agent, host, message or framework of that name. */
  | 'UNKNOWN'
  /** It would have to run for that, or not to run. */
  | 'NOT_RUNNING'
  | 'RUNNING'
  /** What was waited for did not come true in time. */
  | 'NEVER'
  /** The driver has given up: the master refuses the framework. */
  | 'ABORTED';

/** A test asks its cluster for what it cannot do, or waited in vain. The message says what it saw. */
export class TestClusterError extends RuntimeError {
  declare readonly code: TestClusterErrorCode;
}
