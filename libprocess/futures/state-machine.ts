import { Future, FuturePromise } from '../future.ts';
import { RuntimeError } from '../errors.ts';

/** A transition was asked for from a state that the machine is not in. */
export class WrongStateError extends RuntimeError {
  constructor(wanted: string, actual: string) {
    super('WRONG_STATE', `Expecting state '${wanted}', not '${actual}'`);
  }
}

/**
 * The states of an actor by name: `new StateMachine<'idle' | 'busy'>('idle')`. A transition and what
 * belongs to it happen as one: nobody sees the state between.
 */
export class StateMachine<S extends string> {
  readonly #waiting = new Map<S, Set<FuturePromise<void>>>();
  #state: S;

  constructor(initial: S) {
    this.#state = initial;
  }

  get state(): S {
    return this.#state;
  }

  is(state: S): boolean {
    return this.#state === state;
  }

  /**
   * Goes from `from` to `to` and calls `entered`, then completes what waits for `to`. Throws
   * `WrongStateError`, changing nothing, unless the machine is in `from`.
   */
  transition(from: S, to: S, entered?: () => void): void {
    if (this.#state !== from) throw new WrongStateError(from, this.#state);
    this.#state = to;
    entered?.();
    // `entered` may have gone on to another state: who waits for `to` has missed it.
    if (this.#state === to) this.#tell(to);
  }

  /** Ready when the machine is in `state`: now, or when it next enters it. */
  when(state: S): Future<void> {
    if (this.#state === state) return Future.ready();
    const promise = new FuturePromise<void>();
    const waiting = this.#waiting.get(state) ?? new Set();
    this.#waiting.set(state, waiting.add(promise));
    promise.future.onDiscard(() => {
      waiting.delete(promise);
      promise.discard();
    });
    return promise.future;
  }

  #tell(state: S): void {
    const waiting = this.#waiting.get(state);
    this.#waiting.delete(state);
    for (const promise of waiting ?? []) promise.set(undefined);
  }
}
