import { CommandError, UsageError } from './errors.ts';
import { EX_FAILED, type ExitCode } from './exit-codes.ts';
import { explain } from './explain.ts';
import type { Host } from './host.ts';

/** Writes why a command failed to `stderr`; `help` is the command that shows how it is used. */
export function report({ stderr, env }: Host, error: unknown, help: string): ExitCode {
  const known = error instanceof UsageError ? error : explain(error);
  if (!known) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    stderr.write(`mesos: ${text}\n`);
    return EX_FAILED;
  }
  stderr.write(`mesos: ${known.message}\n`);
  if (known instanceof UsageError) stderr.write(`See \`${help}\`.\n`);
  else if (known instanceof CommandError && known.advice !== undefined) {
    stderr.write(`${known.advice}\n`);
  }
  if (env['MESOS_DEBUG'] !== undefined && error instanceof Error) {
    stderr.write(`${error.stack ?? ''}\n`);
  }
  return known.exitCode;
}
