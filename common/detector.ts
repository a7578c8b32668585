import { UPID } from '../libprocess/upid.ts';

/** Port of a master unless its address says otherwise. */
export const MASTER_PORT = 5050;

/**
 * Tells who leads. `undefined` means that no leader is known. The same leader may be reported again:
 * it was elected anew, so a session with it must be made anew too.
 */
export interface MasterDetector {
  /**
   * Calls `listener` with what is known now, before `watch` returns, and at each later detection,
   * until disposed. Actors pass a `defer`, to hear of it in a turn of their own.
   */
  watch(listener: (leader: UPID | undefined) => void): Disposable;
}

/** A leader that is appointed rather than elected: a fixed address, or what a test says. */
export class StandaloneDetector implements MasterDetector {
  readonly #listeners = new Set<(leader: UPID | undefined) => void>();
  #leader: UPID | undefined;

  constructor(leader?: UPID) {
    this.#leader = leader;
  }

  get leader(): UPID | undefined {
    return this.#leader;
  }

  /** Reports `leader` to all watchers, also when it is the one that they know. */
  appoint(leader: UPID | undefined): void {
    this.#leader = leader;
    for (const listener of [...this.#listeners]) listener(leader);
  }

  watch(listener: (leader: UPID | undefined) => void): Disposable {
    const watcher = (leader: UPID | undefined): void => {
      listener(leader);
    };
    this.#listeners.add(watcher);
    watcher(this.#leader);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(watcher);
      },
    };
  }
}

/**
 * The master at `ip`, `ip:port`, `[ipv6]:port` or `master@ip:port`; undefined if `text` is none of
 * these. Host names are resolved before.
 */
export function parseMasterAddress(text: string): UPID | undefined {
  const pid = text.includes('@') ? text : `master@${text}`;
  return UPID.parse(pid) ?? UPID.parse(`${pid}:${String(MASTER_PORT)}`);
}
