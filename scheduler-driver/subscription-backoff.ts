import type { Millis } from '../libprocess/index.ts';

/** First bound of the random wait between two attempts to subscribe (`sched/constants.hpp`). */
export const REGISTRATION_BACKOFF_FACTOR_MS: Millis = 2_000;
/** The bound doubles up to this. */
export const REGISTRATION_RETRY_MS_MAX: Millis = 60_000;

export interface SubscriptionBackoffOptions {
  readonly factorMs: Millis;
  /** The bound never exceeds a tenth of it: ten tries before the framework is given up. 0: none. */
  readonly failoverTimeoutMs: Millis;
  readonly random: () => number;
}

/** Waits between attempts to subscribe, each drawn below a doubling bound. */
export class SubscriptionBackoff {
  readonly #options: SubscriptionBackoffOptions;
  #boundMs: Millis;

  constructor(options: SubscriptionBackoffOptions) {
    this.#options = options;
    this.#boundMs = options.factorMs;
  }

  next(): Millis {
    const { failoverTimeoutMs, random } = this.#options;
    const capMs = failoverTimeoutMs > 0 ? failoverTimeoutMs / 10 : Infinity;
    this.#boundMs = Math.min(this.#boundMs, capMs);
    const waitMs = random() * this.#boundMs;
    this.#boundMs = Math.min(this.#boundMs * 2, REGISTRATION_RETRY_MS_MAX);
    return waitMs;
  }
}
