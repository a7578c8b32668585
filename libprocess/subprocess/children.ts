import type { Future } from '../future.ts';
import type { ExitStatus, Subprocess } from '../subprocess.ts';

/** Children that have ended and whose status is kept for who asks. */
export const ENDED_CHILDREN_MAX = 1_000;

/** The children of one process: those that run, and how the latest of the others have ended. */
export class Children {
  readonly #exits = new Map<number, Future<ExitStatus>>();
  /** Oldest first. A pid may be given again: then it is the newer one that counts. */
  readonly #ended = new Set<number>();

  add({ pid, exited }: Subprocess): void {
    this.#ended.delete(pid);
    this.#exits.set(pid, exited);
    exited.onReady(() => {
      if (this.#exits.get(pid) !== exited) return;
      this.#ended.add(pid);
      if (this.#ended.size > ENDED_CHILDREN_MAX) this.#forgetOldest();
    });
  }

  exitOf(pid: number): Future<ExitStatus> | undefined {
    return this.#exits.get(pid);
  }

  #forgetOldest(): void {
    const [oldest] = this.#ended;
    if (oldest === undefined) return;
    this.#ended.delete(oldest);
    this.#exits.delete(oldest);
  }
}
