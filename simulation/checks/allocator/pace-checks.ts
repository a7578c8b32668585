import type { Millis } from '../../../libprocess/clock.ts';
import { PingSlaveMessage } from '../../../proto/index.ts';
import type { History, NodeLife } from '../history.ts';

/** Pings come every 15 s: after a longer silence a master may have been stopped. */
const AWAKE_MS: Millis = 16_000;
/** Batches come every second. */
const BATCH_WITHIN_MS: Millis = 10_000;

/** A14: as long as a master pings its agents, it goes on looking at all of them for offers to make. */
export class PaceChecks {
  readonly #history: History;
  readonly #pingedAtMs = new WeakMap<NodeLife, Millis>();
  #ranAtMs: Millis = 0;

  constructor(history: History) {
    this.#history = history;
    history.onMessage('sent', PingSlaveMessage, (_, { node }) => {
      const { nowMs } = history;
      const pingedAtMs = this.#pingedAtMs.get(node) ?? -Infinity;
      this.#pingedAtMs.set(node, nowMs);
      if (nowMs > pingedAtMs + AWAKE_MS || nowMs < this.#ranAtMs + BATCH_WITHIN_MS) return;
      const seconds = Math.round((nowMs - this.#ranAtMs) / 1_000);
      history.violated('A14', `no batch of allocations for ${String(seconds)} s`);
    });
  }

  /** All agents have been looked at. */
  ran(): void {
    this.#ranAtMs = this.#history.nowMs;
  }
}
