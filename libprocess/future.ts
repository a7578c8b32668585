import { RuntimeError } from './errors.ts';

/** What awaiting a discarded future rejects with. */
export class DiscardedError extends RuntimeError {
  constructor(message = 'Future was discarded') {
    super('DISCARDED', message);
  }
}

/** What awaiting an abandoned future rejects with: its owner ended while it was pending. */
export class AbandonedError extends RuntimeError {
  constructor(message = 'Future was abandoned by its owner') {
    super('ABANDONED', message);
  }
}

/**
 * ```
 *            set ─────► ready
 *           /
 *   pending ── fail ──► failed
 *           \
 *            discard ─► discarded          abandoned: still pending, and will stay so
 * ```
 */
export type FutureState = 'pending' | 'ready' | 'failed' | 'discarded';

interface Internals {
  set<T>(future: Future<T>, value: T): boolean;
  fail(future: Future<unknown>, error: unknown): boolean;
  discarded(future: Future<unknown>): boolean;
  abandon(future: Future<unknown>): boolean;
}
let internals: Internals;

/**
 * A value that may come later. State can be read at any time; callbacks run exactly once, in the
 * turn that completes the future (use `defer` to run one in an actor's own turn), and at once if it
 * has completed. `discard` is a request that the producer may honour. Awaitable outside actors:
 * discarded and abandoned reject with `DiscardedError` and `AbandonedError`.
 */
export class Future<T> implements PromiseLike<T> {
  #state: FutureState = 'pending';
  #result: unknown = undefined;
  #callbacks: (() => void)[] | undefined = undefined;
  #discardListeners: (() => void)[] | undefined = undefined;
  #abandonListeners: (() => void)[] | undefined = undefined;
  #discardRequested = false;
  #abandoned = false;

  static {
    internals = {
      set: (future, value) => future.#complete('ready', value),
      fail: (future, error) => future.#complete('failed', error),
      discarded: (future) => future.#complete('discarded', undefined),
      abandon: (future) => future.#abandon(),
    };
  }

  static ready(): Future<void>;
  static ready<T>(value: T): Future<T>;
  static ready<T>(value?: T): Future<T | undefined> {
    const future = new Future<T | undefined>();
    future.#complete('ready', value);
    return future;
  }

  static failed<T = never>(error: unknown): Future<T> {
    const future = new Future<T>();
    future.#complete('failed', error);
    return future;
  }

  static discarded<T = never>(): Future<T> {
    const future = new Future<T>();
    future.#complete('discarded', undefined);
    return future;
  }

  static abandoned<T = never>(): Future<T> {
    const future = new Future<T>();
    future.#abandon();
    return future;
  }

  /** Follows a native promise. Discarding the future does not stop the promise. */
  static from<T>(promise: PromiseLike<T>): Future<T> {
    if (promise instanceof Future) return promise as Future<T>;
    const future = new Future<T>();
    promise.then(
      (value) => future.#complete('ready', value),
      (error: unknown) => future.#complete('failed', error),
    );
    return future;
  }

  get state(): FutureState {
    return this.#state;
  }
  get isPending(): boolean {
    return this.#state === 'pending';
  }
  get isReady(): boolean {
    return this.#state === 'ready';
  }
  get isFailed(): boolean {
    return this.#state === 'failed';
  }
  get isDiscarded(): boolean {
    return this.#state === 'discarded';
  }
  get isAbandoned(): boolean {
    return this.#abandoned;
  }
  /** Whether a discard was asked for, granted or not. */
  get hasDiscard(): boolean {
    return this.#discardRequested;
  }

  /** The value; throws unless ready. */
  get value(): T {
    if (this.#state !== 'ready') throw new RuntimeError('NOT_READY', `Future is ${this.#state}`);
    return this.#result as T;
  }

  /** The error of a failed future, else undefined. */
  get error(): unknown {
    return this.#state === 'failed' ? this.#result : undefined;
  }

  /** Asks the producer to give up. True the first time, while pending. */
  discard(): boolean {
    if (this.#discardRequested || this.#state !== 'pending') return false;
    this.#discardRequested = true;
    const listeners = this.#discardListeners;
    this.#discardListeners = undefined;
    listeners?.forEach((listener) => listener());
    return true;
  }

  onAny(callback: (future: Future<T>) => void): this {
    if (this.#state !== 'pending') callback(this);
    else (this.#callbacks ??= []).push(() => callback(this));
    return this;
  }
  onReady(callback: (value: T) => void): this {
    return this.onAny((f) => f.#state === 'ready' && callback(f.#result as T));
  }
  onFailed(callback: (error: unknown) => void): this {
    return this.onAny((f) => f.#state === 'failed' && callback(f.#result));
  }
  onDiscarded(callback: () => void): this {
    return this.onAny((f) => f.#state === 'discarded' && callback());
  }
  /** Runs when a discard is asked for; at once if it has been. Never once completed. */
  onDiscard(callback: () => void): this {
    if (this.#discardRequested) callback();
    else if (this.#state === 'pending') (this.#discardListeners ??= []).push(callback);
    return this;
  }
  onAbandoned(callback: () => void): this {
    if (this.#abandoned) callback();
    else if (this.#state === 'pending') (this.#abandonListeners ??= []).push(callback);
    return this;
  }

  /**
   * The future of `onReady`'s result. After a discard request `onReady` does not run, even if this
   * becomes ready, and the result is discarded. A thrown error fails the result. `onRejected`, which
   * `await` passes, gets the error of whatever else happened.
   */
  then<R = T, E = never>(
    onReady?: ((value: T) => R | PromiseLike<R>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Future<R | E> {
    const next = new FuturePromise<R | E>();
    next.future.onDiscard(() => this.discard());
    const reject = (reason: unknown, otherwise: () => void): void => {
      if (onRejected) run(next, () => onRejected(reason));
      else otherwise();
    };
    this.onAny(() => {
      if (this.#state === 'failed') reject(this.#result, () => next.fail(this.#result));
      else if (this.#state === 'discarded' || next.future.hasDiscard)
        reject(new DiscardedError(), () => next.discard());
      else if (onReady) run(next, () => onReady(this.#result as T));
      else next.set(this.#result as R);
    });
    this.onAbandoned(() => reject(new AbandonedError(), () => next.abandon()));
    return next.future;
  }

  /** Turns anything but ready into another future; `handler` sees this one, abandoned included. */
  recover<R>(handler: (future: Future<T>) => R | PromiseLike<R>): Future<T | R> {
    const next = new FuturePromise<T | R>();
    next.future.onDiscard(() => this.discard());
    this.onAny(() => {
      if (this.#state === 'ready') next.set(this.#result as T);
      else run(next, () => handler(this));
    });
    this.onAbandoned(() => run(next, () => handler(this)));
    return next.future;
  }

  /** Like `recover`, for failures only. */
  repair<R>(handler: (error: unknown) => R | PromiseLike<R>): Future<T | R> {
    const next = new FuturePromise<T | R>();
    next.future.onDiscard(() => this.discard());
    this.onAny(() => {
      if (this.#state === 'failed') run(next, () => handler(this.#result));
      else next.associate(this);
    });
    this.onAbandoned(() => next.abandon());
    return next.future;
  }

  #complete(state: Exclude<FutureState, 'pending'>, result: unknown): boolean {
    if (this.#state !== 'pending') return false;
    this.#state = state;
    this.#result = result;
    this.#abandoned = false;
    const callbacks = this.#callbacks;
    this.#callbacks = this.#discardListeners = this.#abandonListeners = undefined;
    if (callbacks) for (const callback of callbacks) callback();
    return true;
  }

  #abandon(): boolean {
    if (this.#state !== 'pending' || this.#abandoned) return false;
    this.#abandoned = true;
    const listeners = this.#abandonListeners;
    this.#abandonListeners = undefined;
    listeners?.forEach((listener) => listener());
    return true;
  }
}

/** The producer's end of a future (libprocess calls it `Promise`). Completing twice does nothing. */
export class FuturePromise<T> {
  readonly future = new Future<T>();

  set(value: T): boolean {
    return internals.set(this.future, value);
  }
  fail(error: unknown): boolean {
    return internals.fail(this.future, error);
  }
  /** Completes the future as discarded (not a request). */
  discard(): boolean {
    return internals.discarded(this.future);
  }
  /** The owner has ended and will never complete it. */
  abandon(): boolean {
    return internals.abandon(this.future);
  }
  /** Completes as `source` does; discard requests travel to it. */
  associate(source: PromiseLike<T>): void {
    const future = Future.from(source);
    this.future.onDiscard(() => future.discard());
    future.onAny((done) => {
      if (done.isReady) this.set(done.value);
      else if (done.isFailed) this.fail(done.error);
      else this.discard();
    });
    future.onAbandoned(() => this.abandon());
  }
}

/** Completes `promise` with what `produce` returns or throws. */
export function run<T>(promise: FuturePromise<T>, produce: () => T | PromiseLike<T>): void {
  let result: T | PromiseLike<T>;
  try {
    result = produce();
  } catch (error) {
    promise.fail(error);
    return;
  }
  if (isPromiseLike(result)) promise.associate(result);
  else promise.set(result);
}

/** The future of what `produce` returns or throws. */
export function attempt<T>(produce: () => T | PromiseLike<T>): Future<T> {
  const promise = new FuturePromise<T>();
  run(promise, produce);
  return promise.future;
}

export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
