import type { RunEnd } from './launcher/launcher.ts';

/**
 * Brings ends of runs to those that listen. An end may be there before its listener: an agent that
 * recovers hears of the ends of commands while it still makes the executors that they belong to.
 */
export class RunEnds {
  readonly #listeners = new Map<string, (end: RunEnd) => void>();
  readonly #early = new Map<string, RunEnd>();

  /** `listener` is called once: at once, if the end was there first. */
  listen(containerId: string, listener: (end: RunEnd) => void): void {
    this.#listeners.set(containerId, listener);
    const end = this.#early.get(containerId);
    if (end && this.tell(containerId, end)) this.#early.delete(containerId);
  }

  /** False if nobody listens. */
  tell(containerId: string, end: RunEnd): boolean {
    const listener = this.#listeners.get(containerId);
    this.#listeners.delete(containerId);
    listener?.(end);
    return listener !== undefined;
  }

  /** As `tell`, for one that is known to listen soon. */
  tellOnceHeard(containerId: string, end: RunEnd): void {
    if (!this.tell(containerId, end)) this.#early.set(containerId, end);
  }

  forget(containerId: string): void {
    this.#listeners.delete(containerId);
    this.#early.delete(containerId);
  }
}
