import type { Clock, Millis } from '../clock.ts';
import { type Future, FuturePromise, run } from '../future.ts';

/** Ready after `delayMs`; a discard request stops the clock and is granted. */
export function elapsed(clock: Clock, delayMs: Millis): Future<void> {
  const promise = new FuturePromise<void>();
  const timer = clock.timer(delayMs, () => promise.set(undefined));
  promise.future.onDiscard(() => {
    timer[Symbol.dispose]();
    promise.discard();
  });
  return promise.future;
}

export interface AfterOptions<T> {
  readonly clock: Clock;
  readonly delayMs: Millis;
  /** Gets the future, still pending, and may discard it. Its result replaces the future. */
  readonly expired: (future: Future<T>) => T | PromiseLike<T>;
}

/** The future itself, or what `expired` makes of it if it is still pending after `delayMs`. */
export function after<T>(future: Future<T>, options: AfterOptions<T>): Future<T> {
  const promise = new FuturePromise<T>();
  let settled = false;
  const timer = options.clock.timer(options.delayMs, () => {
    if (settled) return;
    settled = true;
    run(promise, () => options.expired(future));
  });
  promise.future.onDiscard(() => future.discard());
  future.onSettled(() => {
    if (settled) return;
    settled = true;
    timer[Symbol.dispose]();
    promise.associate(future);
  });
  return promise.future;
}
