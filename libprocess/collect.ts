import type { Clock, Millis } from './clock.ts';
import { type Future, FuturePromise } from './future.ts';

/**
 * All values, in order; fails with the first failure, and is discarded by the first discard. A
 * discard request travels to all of them.
 */
export function collect<T>(futures: readonly Future<T>[]): Future<T[]> {
  const promise = new FuturePromise<T[]>();
  let pending = futures.length;
  if (pending === 0) promise.set([]);
  promise.future.onDiscard(() => {
    for (const future of futures) future.discard();
  });
  for (const future of futures) {
    future.onAny((done) => {
      if (done.isFailed) promise.fail(done.error);
      else if (done.isDiscarded) promise.discard();
      else if (--pending === 0) promise.set(futures.map((each) => each.value));
    });
    future.onAbandoned(() => promise.abandon());
  }
  return promise.future;
}

/** Ready with the futures themselves once none is pending, whatever became of them. */
export function awaitAll<T>(futures: readonly Future<T>[]): Future<readonly Future<T>[]> {
  const promise = new FuturePromise<readonly Future<T>[]>();
  let pending = futures.length;
  if (pending === 0) promise.set(futures);
  promise.future.onDiscard(() => {
    for (const future of futures) future.discard();
  });
  for (const future of futures) {
    future.onAny(() => {
      if (--pending === 0) promise.set(futures);
    });
    future.onAbandoned(() => promise.abandon());
  }
  return promise.future;
}

/** A future that hears no discard request of whoever holds the result. */
export function undiscardable<T>(future: Future<T>): Future<T> {
  const promise = new FuturePromise<T>();
  future.onAny((done) => {
    if (done.isReady) promise.set(done.value);
    else if (done.isFailed) promise.fail(done.error);
    else promise.discard();
  });
  future.onAbandoned(() => promise.abandon());
  return promise.future;
}

export interface AfterOptions<T> {
  readonly clock: Clock;
  readonly delayMs: Millis;
  /** Gets the future, still pending, and may discard it. Its result replaces the future. */
  readonly expired: (future: Future<T>) => PromiseLike<T>;
}

/** The future itself, or what `expired` makes of it if it is still pending after `delayMs`. */
export function after<T>(future: Future<T>, options: AfterOptions<T>): Future<T> {
  const promise = new FuturePromise<T>();
  let settled = false;
  const timer = options.clock.timer(options.delayMs, () => {
    if (settled) return;
    settled = true;
    promise.associate(options.expired(future));
  });
  promise.future.onDiscard(() => future.discard());
  future.onAny((done) => {
    if (settled) return;
    settled = true;
    timer[Symbol.dispose]();
    promise.associate(done);
  });
  return promise.future;
}
