import type { Future } from '../future.ts';
import type { UPID } from '../upid.ts';

/** Calls of one process that may be running; further ones are refused. */
export const CALLS_RUNNING_MAX = 65_536;
/**
 * Callers that are known, as each is whose call has taken time, until it ends. A node calls by one
 * process: whoever has so many invents them.
 */
export const CALLERS_MAX = 65_536;

export interface CallKey {
  readonly from: UPID;
  /** Chosen by the caller, and unique among its calls if it knows what it does. */
  readonly id: number;
}

/** What a process has begun for others and not ended, by caller and id. */
export class RunningCalls {
  readonly #byCaller = new Map<string, Map<number, Future<unknown>>>();
  #size = 0;

  /** Why no more can be begun for this caller; undefined if it can. */
  overload(from: UPID): string | undefined {
    if (this.#size >= CALLS_RUNNING_MAX) return `${CALLS_RUNNING_MAX} calls running`;
    const full = this.#byCaller.size >= CALLERS_MAX && !this.#byCaller.has(from.toString());
    return full ? `${CALLERS_MAX} callers` : undefined;
  }

  /** True if this caller had nothing running. */
  add({ from, id }: CallKey, future: Future<unknown>): boolean {
    const caller = from.toString();
    const running = this.#byCaller.get(caller);
    if (!running?.has(id)) this.#size += 1;
    if (running) running.set(id, future);
    else this.#byCaller.set(caller, new Map([[id, future]]));
    return !running;
  }

  /** Whether it was still there. */
  delete(key: CallKey, future: Future<unknown>): boolean {
    if (this.#byCaller.get(key.from.toString())?.get(key.id) !== future) return false;
    this.take(key);
    return true;
  }

  take({ from, id }: CallKey): Future<unknown> | undefined {
    const running = this.#byCaller.get(from.toString());
    const future = running?.get(id);
    if (running?.delete(id)) this.#size -= 1;
    return future;
  }

  /** All of one caller, which is forgotten. */
  takeAll(from: UPID): Iterable<Future<unknown>> {
    const running = this.#byCaller.get(from.toString());
    this.#byCaller.delete(from.toString());
    this.#size -= running?.size ?? 0;
    return running?.values() ?? [];
  }
}
