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

/** What there is of the processes of one node. */
interface Share {
  calls: number;
  callers: number;
}

/**
 * What a process has begun for others and not ended, by caller and id. A node may have as much running as
 * is still left for all others: alone it gets half, and however many are greedy, something is left.
 */
export class RunningCalls {
  readonly #byCaller = new Map<string, Map<number, Future<unknown>>>();
  readonly #shares = new Map<string, Share>();
  #size = 0;

  /** Why no more can be begun for this caller; undefined if it can. */
  overload(from: UPID): string | undefined {
    const { calls, callers } = this.#shares.get(from.address) ?? NOTHING;
    if (calls >= CALLS_RUNNING_MAX - this.#size) return `${calls} calls of ${from.address} running`;
    const full = callers >= CALLERS_MAX - this.#byCaller.size;
    if (!full || this.#byCaller.has(from.toString())) return undefined;
    return `${callers} callers of ${from.address}`;
  }

  /** True if this caller had nothing running. */
  add({ from, id }: CallKey, future: Future<unknown>): boolean {
    const caller = from.toString();
    const running = this.#byCaller.get(caller);
    const another = !running?.has(id);
    this.#count(from.address, another ? 1 : 0, running ? 0 : 1);
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
    if (running?.delete(id)) this.#count(from.address, -1, 0);
    return future;
  }

  /** All of one caller, which is forgotten. */
  takeAll(from: UPID): Iterable<Future<unknown>> {
    const running = this.#byCaller.get(from.toString());
    if (!running) return [];
    this.#byCaller.delete(from.toString());
    this.#count(from.address, -running.size, -1);
    return running.values();
  }

  #count(address: string, calls: number, callers: number): void {
    const share = this.#shares.get(address) ?? { ...NOTHING };
    share.calls += calls;
    share.callers += callers;
    this.#size += calls;
    if (share.callers === 0) this.#shares.delete(address);
    else this.#shares.set(address, share);
  }
}

const NOTHING: Readonly<Share> = { calls: 0, callers: 0 };
