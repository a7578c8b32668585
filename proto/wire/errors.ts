import { RuntimeError } from '../../libprocess/errors.ts';

/** Bytes or JSON that are not a message of the type asked for; the message names the field. */
export class MalformedMessageError extends RuntimeError {
  constructor(reason: string, cause?: unknown) {
    super('MALFORMED_MESSAGE', reason, cause);
  }
}
