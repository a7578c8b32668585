import { CommandError } from './errors.ts';
import { EX_FAILED, EX_IN_USE, EX_NO_PERMISSION } from './exit-codes.ts';

/** What an error of the components means for whoever gave the command; undefined if it is a bug. */
export function explain(error: unknown): CommandError | undefined {
  if (error instanceof CommandError) return error;
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { message, code } = error;
  switch (code) {
    case 'EADDRINUSE':
      return new CommandError(
        message,
        EX_IN_USE,
        'Another process listens there: stop it, or give another --port (0 picks a free one).',
      );
    case 'EADDRNOTAVAIL':
      return new CommandError(message, EX_FAILED, 'This machine has no such address: see --ip.');
    case 'DIRECTORY_LOCKED':
      return new CommandError(
        message,
        EX_IN_USE,
        'Each daemon needs directories of its own: see --work_dir, and --runtime_dir of agents.',
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new CommandError(
        message,
        EX_NO_PERMISSION,
        'Give a directory that this user may write to, or a port from 1024 up.',
      );
    default:
      return new CommandError(message, EX_FAILED);
  }
}
