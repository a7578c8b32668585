import { uuidText, type StatusUpdateStream } from './status-update-stream.ts';

/** More than the executors of one agent can still repeat. */
const ENDED_MAX = 16_384;

/** The updates of streams that have ended: an executor may repeat one until it hears of it. */
export class EndedUpdates {
  /** Oldest first. */
  readonly #uuids = new Set<string>();

  add({ uuids }: StatusUpdateStream): void {
    for (const uuid of uuids) {
      this.#uuids.add(uuid);
      if (this.#uuids.size <= ENDED_MAX) continue;
      const [oldest] = this.#uuids;
      if (oldest !== undefined) this.#uuids.delete(oldest);
    }
  }

  has(uuid: Uint8Array): boolean {
    return this.#uuids.has(uuidText(uuid));
  }
}
