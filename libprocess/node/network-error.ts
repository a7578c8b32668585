import { NetworkError } from '../errors.ts';
import { codeOf } from './system-errors.ts';

/** Wraps what the system reported, under its code. */
export function networkError(operation: string, cause: unknown): NetworkError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new NetworkError(codeOf(cause), `${operation}: ${why}`, cause);
}
