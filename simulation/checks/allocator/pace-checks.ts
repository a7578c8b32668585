import type { Millis } from '../../../libprocess/clock.ts';
import { PingSlaveMessage } from '../../../proto/index.ts';
import type { History, NodeLife } from '../history.ts';

/** Pings come every 15 s: after a longer silence a master may have been stopped. */
const AWAKE_MS: Millis = 16_000;
/** Batches come every second. A master that stood still for less than `AWAKE_MS` looks awake. */
const BATCH_WITHIN_MS: Millis = 20_000;

interface Waking {
  readonly pingedAtMs: Millis;
  readonly awakeSinceMs: Millis;
}

const ASLEEP: Waking = { pingedAtMs: -Infinity, awakeSinceMs: -Infinity };

/** A14: as long as a master pings its agents, it goes on looking at all of them for offers to make. */
export class PaceChecks {
  readonly #history: History;
  readonly #masters = new WeakMap<NodeLife, Waking>();
  #ranAtMs: Millis = 0;

  constructor(history: History) {
    this.#history = history;
    history.onMessage('sent', PingSlaveMessage, (_, { node }) => {
      const { nowMs } = history;
      const { pingedAtMs, awakeSinceMs } = this.#masters.get(node) ?? ASLEEP;
      const since = nowMs > pingedAtMs + AWAKE_MS ? nowMs : awakeSinceMs;
      this.#masters.set(node, { pingedAtMs: nowMs, awakeSinceMs: since });
      if (nowMs < Math.max(this.#ranAtMs, since) + BATCH_WITHIN_MS) return;
      const seconds = Math.round((nowMs - this.#ranAtMs) / 1_000);
      history.violated('A14', `no batch of allocations for ${String(seconds)} s`);
    });
  }

  /** All agents have been looked at. */
  ran(): void {
    this.#ranAtMs = this.#history.nowMs;
  }
}
