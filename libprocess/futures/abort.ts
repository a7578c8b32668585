import type { Future } from '../future.ts';

/**
 * A signal that aborts when somebody asks `future` to be discarded, for APIs that take an
 * `AbortSignal`. It never aborts once the future has completed.
 */
export function abortSignal(future: Future<unknown>): AbortSignal {
  const controller = new AbortController();
  future.onDiscard(() => {
    controller.abort();
  });
  return controller.signal;
}

/** Asks `future` to be discarded when `signal` aborts, at once if it has. Returns `future`. */
export function discardOn<T>(future: Future<T>, signal: AbortSignal): Future<T> {
  if (signal.aborted) {
    future.discard();
    return future;
  }
  const discard = (): void => {
    future.discard();
  };
  signal.addEventListener('abort', discard, { once: true });
  // A signal may live as long as its program, and must not keep what has long completed.
  return future.onSettled(() => {
    signal.removeEventListener('abort', discard);
  });
}
