import type { Clock } from '../clock.ts';
import { spanText, toMs, type Duration } from '../duration.ts';
import { RuntimeError } from '../errors.ts';
import { type Future, FuturePromise, type FutureMonitor } from '../future.ts';

/** What was waited for did not come in time. It may have happened, or happen yet. */
export class TimedOutError extends RuntimeError {
  constructor(timeout: Duration) {
    super('TIMED_OUT', `Failed to wait for a future: it was not there within ${spanText(timeout)}`);
  }
}

/** When to wait no longer. */
export interface WithinOptions {
  readonly clock: Clock;
  readonly timeout?: Duration;
  readonly signal?: AbortSignal;
  /** Hears of callbacks of the result that throw. */
  readonly monitor?: FutureMonitor;
}

/**
 * What becomes of `future`, unless `timeout` is over (`TimedOutError`) or `signal` aborts (its reason)
 * before: then `future` is asked to be discarded, and nobody waits for whether it is. Throws
 * `RuntimeError` with `INVALID_DURATION` as `toMs` does.
 */
export function within<T>(future: Future<T>, options: WithinOptions): Future<T> {
  const { clock, timeout, signal, monitor } = options;
  const timeoutMs = timeout === undefined ? undefined : toMs(timeout);
  const promise = new FuturePromise<T>(monitor);
  let timer: Disposable | undefined;
  const stop = (): void => {
    timer?.[Symbol.dispose]();
    // A signal may live as long as its program, and must not keep what has long completed.
    signal?.removeEventListener('abort', abort);
  };
  const giveUp = (error: unknown): void => {
    stop();
    if (promise.fail(error)) future.discard();
  };
  const abort = (): void => {
    giveUp(signal?.reason);
  };
  if (signal?.aborted) abort();
  promise.associate(future);
  if (!promise.future.isPending) return promise.future;
  signal?.addEventListener('abort', abort, { once: true });
  if (timeout !== undefined && timeoutMs !== undefined)
    timer = clock.timer(timeoutMs, () => {
      giveUp(new TimedOutError(timeout));
    });
  // Of what is waited for, not of the result: that would count as somebody who looks at it.
  future.onSettled(stop);
  return promise.future;
}
