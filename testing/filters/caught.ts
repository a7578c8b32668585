import type { Future } from '../../libprocess/future.ts';

/**
 * The first event that a filter is for. Awaitable. Disposing it takes the filter away: if nothing has
 * come by then, the future fails with an error that says what came instead.
 */
export interface Caught<T> extends Disposable, PromiseLike<T> {
  readonly future: Future<T>;
  /** What was waited for, and what came instead so far; for errors. */
  explain(): string;
}

/** Events that do not come to pass, until it is disposed. */
export interface Dropped<T> extends Disposable {
  /** Those so far, oldest first. */
  readonly all: readonly T[];
}

/** Messages that did not arrive. Disposing it stops it: `using lost = ...`. */
export interface Withheld<M> extends Disposable {
  /** Of those that did not arrive so far, oldest first. */
  readonly bodies: readonly M[];
  /** From now on all of the type arrive; what was withheld stays lost. */
  stop(): void;
  /** Stops, and lets what was withheld arrive now, in its order. */
  release(): void;
}

/** Nothing of the kind may come. Disposing it throws if something has. */
export interface Unexpected extends Disposable {
  /** Throws if something has come so far. */
  check(): void;
}
