import type { Millis } from '../clock.ts';
import { toMs } from '../duration.ts';
import type { RestartLimits } from './child-spec.ts';

/** Counts restarts: how many there may be at all times within a period. */
export class RestartBudget {
  readonly #intensity: number;
  readonly #periodMs: Millis;
  /** Monotonic times of the restarts within the last period; never more than the intensity and one. */
  #spentMs: Millis[] = [];

  constructor({ intensity, period }: RestartLimits) {
    this.#intensity = intensity;
    this.#periodMs = toMs(period);
  }

  /** False if this restart is one too many. */
  spend(nowMs: Millis): boolean {
    this.#spentMs = this.#spentMs.filter((atMs) => nowMs - atMs <= this.#periodMs);
    this.#spentMs.push(nowMs);
    return this.#spentMs.length <= this.#intensity;
  }
}
