import { DiscardedError, type Future, FuturePromise, monitorOf } from '../future.ts';

type Values<F extends readonly Future<unknown>[]> = {
  -readonly [I in keyof F]: Awaited<F[I]>;
};

/**
 * All values, in order, of a list, a tuple or anything else that can be gone through. Fails as soon as one fails or is
 * discarded; abandoned if one is. A discard request goes to all of them and discards the result.
 */
export function collect<const F extends readonly Future<unknown>[]>(futures: F): Future<Values<F>>;
export function collect<T>(futures: Iterable<Future<T>>): Future<T[]>;
export function collect<T>(from: Iterable<Future<T>>): Future<T[]> {
  const futures = [...from];
  const promise = new FuturePromise<T[]>(monitorOf(futures));
  let pending = futures.length;
  if (pending === 0) promise.set([]);
  discardTogether(promise, futures);
  for (const future of futures) {
    future.onSettled((done) => {
      if (promise.future.hasDiscard) return;
      if (done.isFailed) promise.fail(done.error);
      else if (done.isDiscarded)
        promise.fail(new DiscardedError('A collected future was discarded'));
      else if (done.isAbandoned) promise.abandon(done.whyAbandoned);
      else if (--pending === 0) promise.set(futures.map((each) => each.value));
    });
  }
  return promise.future;
}

/**
 * Ready with the futures themselves once none is pending, whatever became of them; abandoned if one
 * is. A discard request goes to all of them and discards the result.
 */
export function awaitAll<const F extends readonly Future<unknown>[]>(futures: F): Future<F>;
export function awaitAll<T>(futures: Iterable<Future<T>>): Future<readonly Future<T>[]>;
export function awaitAll<T>(from: Iterable<Future<T>>): Future<readonly Future<T>[]> {
  const futures = [...from];
  const promise = new FuturePromise<readonly Future<T>[]>(monitorOf(futures));
  let pending = futures.length;
  if (pending === 0) promise.set(futures);
  discardTogether(promise, futures);
  for (const future of futures) {
    future.onSettled((done) => {
      if (promise.future.hasDiscard) return;
      if (done.isAbandoned) promise.abandon(done.whyAbandoned);
      else if (--pending === 0) promise.set(futures);
    });
  }
  return promise.future;
}

/** Whoever sees the result discarded may rely on it that all were asked to be. */
function discardTogether<T, F>(promise: FuturePromise<T>, futures: readonly Future<F>[]): void {
  promise.future.onDiscard(() => {
    for (const future of futures) future.discard();
    promise.discard();
  });
}
