import assert from 'node:assert/strict';
import type { Future } from '../future.ts';

/** A state that `check` can ask for; an abandoned future is pending, too. */
export type CheckedState = 'pending' | 'ready' | 'failed' | 'discarded' | 'abandoned';

/**
 * Asserts an invariant of a future, as libprocess's `CHECK_READY` and its like: an `AssertionError`
 * if it is in another state. Returns the future.
 */
export function check<T>(future: Future<T>, state: CheckedState): Future<T> {
  const holds = state === 'abandoned' ? future.isAbandoned : future.state === state;
  if (!holds) assert.fail(`a future is ${state}; it is ${described(future)}`);
  return future;
}

function described(future: Future<unknown>): string {
  if (future.isAbandoned) return 'abandoned';
  return future.isFailed ? `failed: ${String(future.error)}` : future.state;
}
