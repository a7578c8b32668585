import type { Millis } from '../../libprocess/index.ts';

/** Longest wait between two attempts to register. */
export const REGISTRATION_RETRY_MS_MAX: Millis = 60_000;

/**
 * Waits before registering, each drawn below a doubling bound, so that the agents of a cluster do
 * not come at a new master all at once: first within the factor, then within twice, four times ...
 * of it (`slave.cpp`, `doReliableRegistration`).
 */
export class RegistrationBackoff {
  #boundMs: Millis;
  readonly #random: () => number;

  constructor(factorMs: Millis, random: () => number) {
    this.#boundMs = factorMs;
    this.#random = random;
  }

  next(): Millis {
    const waitMs = this.#random() * this.#boundMs;
    this.#boundMs = Math.min(this.#boundMs * 2, REGISTRATION_RETRY_MS_MAX);
    return waitMs;
  }
}
