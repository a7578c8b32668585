import type { MailboxEvent } from './event.ts';
import type { PID } from './pid.ts';
import type { Process } from './process.ts';

/** What becomes of an event that has reached its node. */
export type Verdict = 'deliver' | 'drop';

/**
 * Judges an event before it enters the mailbox of `to`. What is dropped never happens: a call is
 * abandoned, a request answered with 503, a message neither counted nor handled. The end of a process is
 * not among the events that are judged.
 */
export type EventFilter = (event: MailboxEvent, to: PID<Process>) => Verdict;

/** The filters of one node, for tests. The newest is asked first; one that drops has the last word. */
export class EventFilters {
  readonly #onChange: (any: boolean) => void;
  #filters: readonly EventFilter[] = [];

  /** @param onChange told when the first one comes, and when the last one has gone. */
  constructor(onChange: (any: boolean) => void) {
    this.#onChange = onChange;
  }

  get any(): boolean {
    return this.#filters.length > 0;
  }

  /** Until disposed. A filter may add and remove others; it must not throw. */
  add(filter: EventFilter): Disposable {
    const own: EventFilter = (event, to) => filter(event, to); // The same one may come twice.
    this.#set([own, ...this.#filters]);
    return {
      [Symbol.dispose]: () => {
        this.#set(this.#filters.filter((each) => each !== own));
      },
    };
  }

  judge(event: MailboxEvent, to: PID<Process>): Verdict {
    if (event.kind === 'terminate') return 'deliver';
    for (const filter of this.#filters) if (filter(event, to) === 'drop') return 'drop';
    return 'deliver';
  }

  #set(filters: readonly EventFilter[]): void {
    const { any } = this;
    this.#filters = filters;
    if (this.any !== any) this.#onChange(this.any);
  }
}
