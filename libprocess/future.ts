import type { Clock } from './clock.ts';
import { toMs, type Duration } from './duration.ts';
import { call, type Callback, type CallbackMonitor } from './futures/callbacks.ts';
import { RuntimeError } from './errors.ts';

/** What awaiting a discarded future rejects with. */
export class DiscardedError extends RuntimeError {
  constructor(message = 'Future was discarded') {
    super('DISCARDED', message);
  }
}

/** What awaiting an abandoned future rejects with: its owner ended while it was pending. */
export class AbandonedError extends RuntimeError {
  /** @param why who ended, and what was still to come, where that is known. */
  constructor(why?: string) {
    super('ABANDONED', `Future was abandoned${why === undefined ? ' by its owner' : `: ${why}`}`);
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

/** Hears of failures at which nobody looks. Inherited by what `then` and the like return. */
export interface FutureMonitor extends CallbackMonitor {
  /** A future failed and nobody has asked it anything yet. */
  failedUnobserved(error: unknown): void;
  /** Somebody has looked after all. */
  failureObserved(): void;
}

interface Internals {
  settle(future: Future<unknown>, state: FutureState, result: unknown): boolean;
  follow(future: Future<unknown>, source: Future<unknown>): void;
  monitor(future: Future<unknown>, monitor: FutureMonitor): void;
  monitorOf(future: Future<unknown>): FutureMonitor | undefined;
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
  #listeners: Callback[] | undefined = undefined;
  #discardListeners: Callback[] | undefined = undefined;
  #monitor: FutureMonitor | undefined = undefined;
  #discardRequested = false;
  #abandoned = false;
  #unobserved = false;

  static {
    internals = {
      settle: (future, state, result) => future.#settle(state, result),
      follow: (future, source) => {
        future.#monitor ??= source.#monitor;
        source.onSettled(() => future.#settle(source.#state, source.#result));
      },
      monitor: (future, monitor) => (future.#monitor = monitor),
      monitorOf: (future) => future.#monitor,
    };
  }

  static ready(): Future<void>;
  static ready<T>(value: T): Future<T>;
  static ready<T>(value?: T): Future<T | undefined> {
    return settled<T | undefined>('ready', value);
  }

  static failed<T = never>(error: unknown): Future<T> {
    return settled<T>('failed', error);
  }

  static discarded<T = never>(): Future<T> {
    return settled<T>('discarded');
  }

  static abandoned<T = never>(why?: string): Future<T> {
    return settled<T>('pending', why);
  }

  /** Follows a native promise. Discarding the future does not stop the promise. */
  static from<T>(promise: PromiseLike<T>): Future<T> {
    if (promise instanceof Future) return promise as Future<T>;
    const future = new Future<T>();
    promise.then(
      (value) => future.#settle('ready', value),
      (error: unknown) => future.#settle('failed', error),
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
    this.#observe();
    return this.#state === 'failed' ? this.#result : undefined;
  }

  /** Why it was abandoned, if whoever abandoned it said so, else undefined. */
  get whyAbandoned(): string | undefined {
    return this.#abandoned && typeof this.#result === 'string' ? this.#result : undefined;
  }

  /** Asks the producer to give up. True the first time, while pending. */
  discard(): boolean {
    if (this.#discardRequested || this.#settled) return false;
    this.#discardRequested = true;
    const listeners = this.#discardListeners;
    this.#discardListeners = undefined;
    this.#tell(listeners);
    return true;
  }

  /** Runs once this is completed, or abandoned. */
  onSettled(callback: (future: Future<T>) => void): this {
    this.#observe();
    if (this.#settled) call(callback, this, this.#monitor);
    else (this.#listeners ??= []).push(callback);
    return this;
  }
  onAny(callback: (future: Future<T>) => void): this {
    return this.onSettled(() => {
      if (!this.#abandoned) callback(this);
    });
  }
  onReady(callback: (value: T) => void): this {
    return this.onSettled(() => {
      if (this.#state === 'ready') callback(this.#result as T);
    });
  }
  onFailed(callback: (error: unknown) => void): this {
    return this.onSettled(() => {
      if (this.#state === 'failed') callback(this.#result);
    });
  }
  onDiscarded(callback: () => void): this {
    return this.onSettled(() => {
      if (this.#state === 'discarded') callback();
    });
  }
  onAbandoned(callback: () => void): this {
    return this.onSettled(() => {
      if (this.#abandoned) callback();
    });
  }
  /** Runs when a discard is asked for; at once if it has been. Never once completed. */
  onDiscard(callback: () => void): this {
    if (this.#settled) return this;
    if (this.#discardRequested) call(callback, this, this.#monitor);
    else (this.#discardListeners ??= []).push(callback);
    return this;
  }

  /**
   * The future of `onReady`'s result. After a discard request, of this or of the result, `onReady`
   * does not run, even if this becomes ready, and the result is discarded. A thrown error fails the result. `onRejected`, which
   * `await` passes, gets the error of whatever else happened.
   */
  then<R = T, E = never>(
    onReady?: ((value: T) => R | PromiseLike<R>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Future<R | E> {
    const next = this.#next<R | E>();
    this.onSettled(() => {
      // Whoever awaits this (and passes `onRejected`) gets its value, whoever asked for a discard.
      const discarded = next.future.#discardRequested || (this.#discardRequested && !onRejected);
      if (this.#state === 'ready' && !discarded) {
        if (onReady) run(next, () => onReady(this.#result as T));
        else next.set(this.#result as R);
      } else if (onRejected) {
        run(next, () => onRejected(this.#reason()));
      } else if (this.#state === 'ready') {
        next.discard();
      } else {
        next.future.#settle(this.#state, this.#result);
      }
    });
    return next.future;
  }

  /**
   * Turns anything but ready into another future; `handler` sees this one, abandoned included. A
   * discard request made before then is spent: only a new one goes on to the other future.
   */
  recover<R>(handler: (future: Future<T>) => R | PromiseLike<R>): Future<T | R> {
    const next = this.#next<T | R>();
    this.onSettled(() => {
      if (this.#state === 'ready') {
        next.set(this.#result as T);
      } else {
        next.future.#discardRequested = false;
        run(next, () => handler(this));
      }
    });
    return next.future;
  }

  /** Like `recover`, for failures only. */
  repair<R>(handler: (error: unknown) => R | PromiseLike<R>): Future<T | R> {
    const next = this.#next<T | R>();
    this.onSettled(() => {
      if (this.#state === 'failed') run(next, () => handler(this.#result));
      else next.future.#settle(this.#state, this.#result);
    });
    return next.future;
  }

  /**
   * This, or what `expired` makes of it if it is still pending after `duration`, whether or not a
   * discard was asked for. `expired` gets this future, and may discard it.
   */
  after<R>(
    clock: Clock,
    duration: Duration,
    expired: (future: Future<T>) => R | PromiseLike<R>,
  ): Future<T | R> {
    const next = this.#next<T | R>();
    let decided = false;
    const timer = clock.timer(toMs(duration), () => {
      if (decided) return;
      decided = true;
      run(next, () => expired(this));
    });
    this.onSettled(() => {
      if (decided) return;
      decided = true;
      timer[Symbol.dispose]();
      next.future.#settle(this.#state, this.#result);
    });
    return next.future;
  }

  /** What follows from this: discard requests travel back, and one monitor hears of both. */
  #next<R>(): FuturePromise<R> {
    const next = new FuturePromise<R>(this.#monitor);
    next.future.onDiscard(() => this.discard());
    return next;
  }

  get #settled(): boolean {
    return this.#state !== 'pending' || this.#abandoned;
  }

  #reason(): unknown {
    if (this.#state === 'failed') return this.#result;
    return this.#abandoned ? new AbandonedError(this.whyAbandoned) : new DiscardedError();
  }

  #observe(): void {
    if (!this.#unobserved) return;
    this.#unobserved = false;
    this.#monitor?.failureObserved();
  }

  /** Settled as `pending` means abandoned; the result is then why, if anybody knows. */
  #settle(state: FutureState, result: unknown): boolean {
    if (this.#settled) return false;
    this.#state = state;
    this.#result = result;
    this.#abandoned = state === 'pending';
    const listeners = this.#listeners;
    this.#listeners = this.#discardListeners = undefined;
    if (listeners) {
      this.#tell(listeners);
    } else if (state === 'failed' && this.#monitor) {
      this.#unobserved = true;
      this.#monitor.failedUnobserved(result);
    }
    return true;
  }

  #tell(listeners: readonly Callback[] | undefined): void {
    if (!listeners) return;
    for (const listener of listeners) call(listener, this, this.#monitor);
  }
}

function settled<T>(state: FutureState, result?: unknown): Future<T> {
  const future = new Future<T>();
  internals.settle(future, state, result);
  return future;
}

/**
 * The producer's end of a future (libprocess calls it `Promise`). The first completion counts,
 * abandonment included; others do nothing and return false.
 */
export class FuturePromise<T> {
  readonly future = new Future<T>();

  constructor(monitor?: FutureMonitor) {
    if (monitor) internals.monitor(this.future, monitor);
  }

  set(value: T): boolean {
    return internals.settle(this.future, 'ready', value);
  }
  fail(error: unknown): boolean {
    return internals.settle(this.future, 'failed', error);
  }
  /** Completes the future as discarded (not a request). */
  discard(): boolean {
    return internals.settle(this.future, 'discarded', undefined);
  }
  /** The owner has ended and will never complete it; `why` is what who awaits it is told. */
  abandon(why?: string): boolean {
    return internals.settle(this.future, 'pending', why);
  }
  /** Completes as `source` does; discard requests travel to it. Whoever hears of the failures of that hears of this. */
  associate(source: PromiseLike<T>): void {
    const future = Future.from(source);
    this.future.onDiscard(() => future.discard());
    internals.follow(this.future, future);
  }
}

/** Who hears of the first of them for whom anybody does: what comes of several is heard of there. */
export const monitorOf = (futures: readonly Future<unknown>[]): FutureMonitor | undefined =>
  futures.map((each) => internals.monitorOf(each)).find((each) => each !== undefined);

/** A future that hears no discard request of whoever holds the result. */
export function undiscardable<T>(future: Future<T>): Future<T> {
  const promise = new FuturePromise<T>();
  internals.follow(promise.future, future);
  return promise.future;
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
