import { getSystemErrorMap } from 'node:util';
import { DiskError } from '../errors.ts';

const REASONS = new Map(getSystemErrorMap().values());

/** The system's short text for a code such as `ENOENT`; the code itself if it has none. */
export function reasonOf(code: string): string {
  return REASONS.get(code) ?? code;
}

/** The code of an error of the system, else `EUNKNOWN`. Told by shape: errors may cross realms. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'EUNKNOWN';
  return typeof error.code === 'string' ? error.code : 'EUNKNOWN';
}

/** Runs a file operation; its failure becomes a `DiskError` that says what was tried. */
export async function attempt<T>(what: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw diskError(what, cause);
  }
}

export function diskError(what: string, cause: unknown): DiskError {
  if (cause instanceof DiskError) return cause;
  const code = codeOf(cause);
  const reason = code === 'EUNKNOWN' ? String(cause) : reasonOf(code);
  return new DiskError(code, `Failed to ${what}: ${reason}`, cause);
}
