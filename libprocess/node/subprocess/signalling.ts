import { SubprocessError } from '../../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';

/** What `kill` returns; false if the process has gone. Fails with `SubprocessError`. */
export function signalling(
  { pid, name }: { readonly pid: number; readonly name: string },
  kill: () => boolean,
): boolean {
  try {
    return kill();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ESRCH') return false;
    const reason = code === 'ERR_UNKNOWN_SIGNAL' ? `unknown signal '${name}'` : reasonOf(code);
    throw new SubprocessError(code, `Failed to signal process ${pid}: ${reason}`, cause);
  }
}
