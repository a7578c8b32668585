import { NetworkError } from '../errors.ts';
import { codeOf, reasonOf } from './system-errors.ts';

/** Wraps what the system reported, under its code. */
export function networkError(operation: string, cause: unknown): NetworkError {
  const code = codeOf(cause);
  return new NetworkError(code, `${operation}: ${reason(code, cause)}`, cause);
}

/** What the system says repeats its code and the address, which `operation` has told. */
function reason(code: string, cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const text = reasonOf(code);
  return 'syscall' in cause && text !== code ? `${text} (${code})` : cause.message;
}
