import type { Millis } from '../../libprocess/clock.ts';
import type { AgentId } from '../../common/ids.ts';
import type { RateLimit } from '../flags.ts';

/** Pings went unanswered, or the agent did not come back in time after we lost it. */
export type RemovalCause = 'silent' | 'away';

interface Waiting {
  readonly cause: RemovalCause;
  readonly remove: () => void;
}

export interface RemovalQueueOptions {
  readonly limit: RateLimit | undefined;
  delay(delayMs: Millis, thunk: () => void): Disposable;
  onScheduled(): void;
  onCanceled(): void;
}

/**
 * Agents that are to be marked unreachable, in the order in which they were found so. With a limit
 * they are let through one by one: when many vanish at once, it is rather we who are cut off.
 */
export class RemovalQueue {
  readonly #options: RemovalQueueOptions;
  readonly #waiting = new Map<AgentId, Waiting>();
  #pause: Disposable | undefined;

  constructor(options: RemovalQueueOptions) {
    this.#options = options;
  }

  has(id: AgentId): boolean {
    return this.#waiting.has(id);
  }

  /** Once per agent until it has been let through or cancelled. */
  schedule(id: AgentId, cause: RemovalCause, remove: () => void): void {
    if (this.#waiting.has(id)) return;
    this.#waiting.set(id, { cause, remove });
    this.#options.onScheduled();
    this.#letThrough();
  }

  /** The agent is back. */
  cancel(id: AgentId): void {
    if (this.#waiting.delete(id)) this.#options.onCanceled();
  }

  /** The agent answers pings: that alone does not bring one back that is away. */
  answered(id: AgentId): void {
    if (this.#waiting.get(id)?.cause === 'silent') this.cancel(id);
  }

  #letThrough(): void {
    const { limit } = this.#options;
    while (!this.#pause) {
      const next = this.#waiting.entries().next().value;
      if (!next) return;
      const [id, { remove }] = next;
      this.#waiting.delete(id);
      if (limit) this.#pauseFor(limit.perMs / limit.permits);
      remove();
    }
  }

  #pauseFor(delayMs: Millis): void {
    this.#pause = this.#options.delay(delayMs, () => {
      this.#pause = undefined;
      this.#letThrough();
    });
  }
}
