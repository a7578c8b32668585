import { BoundedMap } from '../collections/bounded-map.ts';
import type { Logger } from '../logger.ts';

/** How often the same peer is told of for the same reason, and of how many that is known. */
const REPEATED_AFTER_MS = 60_000;
const REMEMBERED_MAX = 1_000;

/** Warnings about connections that were refused. Whoever dials in a loop is told of once a minute. */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #toldAtMs = new BoundedMap<string, number>(REMEMBERED_MAX);

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `peer` is an IP or the name of a host. */
  warn(message: string, fields: { readonly peer: string; readonly reason: string }): void {
    const key = `${fields.peer} ${fields.reason}`;
    const now = performance.now();
    const toldAtMs = this.#toldAtMs.get(key);
    if (toldAtMs !== undefined && now - toldAtMs < REPEATED_AFTER_MS) return;
    this.#toldAtMs.set(key, now);
    this.#logger.warn(message, fields);
  }
}
