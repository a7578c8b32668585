import { EX_USAGE, type ExitCode } from './exit-codes.ts';

/** The command was not written as it should be. */
export class UsageError extends Error {
  readonly exitCode: ExitCode = EX_USAGE;
}

/** A command cannot do its work; the text says why, `advice` what the user may do about it. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  readonly advice: string | undefined;

  constructor(message: string, exitCode: ExitCode, advice?: string) {
    super(message);
    this.exitCode = exitCode;
    this.advice = advice;
  }
}
