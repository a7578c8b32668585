import { RuntimeError } from '../../libprocess/errors.ts';

/** Why an `ActorTestError` was thrown. */
export type ActorTestErrorCode =
  /** The test asks for what cannot be: time of a clock that runs, a process that is not there. */
  | 'MISUSE'
  /** What was waited for did not come in time. */
  | 'NEVER'
  /** A future has ended, and not as it should. */
  | 'OTHERWISE'
  /** Something came that must not come. */
  | 'CAME';

/** A test of actors has failed, or is wrong itself. The message says what was seen. */
export class ActorTestError extends RuntimeError {
  declare readonly code: ActorTestErrorCode;
}
