import type { Lsn } from './journal.ts';

interface Waiter {
  readonly lsn: Lsn;
  readonly thunk: () => void;
  /** Instead of `thunk`, unless that only waits for what came before. */
  readonly refused: (() => void) | 'runs thunk' | undefined;
}

/** Who waits for which record, by number; of equal numbers, first come first served. */
export class Waiters {
  #waiters: Waiter[] = [];
  #start = 0;

  add(waiter: Waiter): void {
    let at = this.#waiters.length;
    // Nearly always the newest.
    while (at > this.#start && (this.#waiters[at - 1]?.lsn ?? 0) > waiter.lsn) at -= 1;
    if (at === this.#waiters.length) this.#waiters.push(waiter);
    else this.#waiters.splice(at, 0, waiter);
  }

  /** Runs the thunks of all up to `lsn`. Each may add waiters. */
  release(lsn: Lsn): void {
    for (;;) {
      const next = this.#waiters[this.#start];
      if (!next || next.lsn > lsn) break;
      this.#start += 1;
      next.thunk();
    }
    this.#waiters.splice(0, this.#start);
    this.#start = 0;
  }

  /** Tells those who wait for a record of `lsns` that there will be none. */
  refuse(lsns: ReadonlySet<Lsn>): void {
    const isRefused = ({ lsn, refused }: Waiter): boolean =>
      refused !== 'runs thunk' && lsns.has(lsn);
    const refused = this.#waiters.filter(isRefused);
    this.#waiters = this.#waiters.filter((waiter) => !isRefused(waiter));
    for (const waiter of refused) if (typeof waiter.refused === 'function') waiter.refused();
  }
}
