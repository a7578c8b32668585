import { RuntimeError } from '../errors.ts';

/**
 * Why a call did not succeed. After `UNREACHABLE`, `NO_SUCH_PROCESS` and `TIMED_OUT` the method may
 * have run; after `HANDLER_THREW` and `BAD_RESULT` it has; after the others it has not.
 */
export type RemoteCallCode =
  /** The node could not be reached, or the connection to it broke. */
  | 'UNREACHABLE'
  /** The node has no such process, or it ended before it answered. */
  | 'NO_SUCH_PROCESS'
  /** The process serves no method of that name. */
  | 'NO_SUCH_METHOD'
  /** The arguments do not fit, here or there, or cannot be sent. */
  | 'BAD_ARGUMENTS'
  /** What ran the method threw or failed: `thrown` says with what. */
  | 'HANDLER_THREW'
  | 'TIMED_OUT'
  /** The caller's own node is closed. */
  | 'NODE_CLOSED'
  /** The result does not fit, there or here, or cannot be sent. */
  | 'BAD_RESULT'
  /** The process has too many calls running. */
  | 'OVERLOADED'
  /** The mailbox of the process has a limit and is full. */
  | 'MAILBOX_FULL';

/** What a handler threw, as far as it travels. */
export interface Thrown {
  readonly message: string;
  /** If it has one, as system errors and those of this package do. */
  readonly code: string | undefined;
}

/**
 * A call of a process of another node did not succeed; `code` says why. One that a signal ends fails with the
 * signal's reason instead, as every wait does, and what is under way when the caller's own node closes is abandoned.
 */
export class RemoteCallError extends RuntimeError {
  declare readonly code: RemoteCallCode;
  /** With `HANDLER_THREW` only. */
  readonly thrown: Thrown | undefined;

  constructor(code: RemoteCallCode, message: string, thrown?: Thrown) {
    super(code, message);
    this.thrown = thrown;
  }
}
