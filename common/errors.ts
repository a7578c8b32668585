import { RuntimeError } from '../libprocess/errors.ts';

/** Base of every error that a Mesos component throws on purpose. */
export class MesosError extends RuntimeError {}

/** A text that was expected to be right, such as one in our own source, is not. */
export class InvalidTextError extends MesosError {
  constructor(message: string) {
    super('MESOS_INVALID_TEXT', message);
  }
}
