import type { OfferOperationType, StatusUpdate, TaskState } from '../proto/index.ts';
import type { RemovalReason } from './agents/remove.ts';
import type { Framework } from './state/framework.ts';

/** What is sent to schedulers, in the words of the scheduler API. */
export type EventName = 'offers' | 'rescind' | 'update' | 'message' | 'failure' | 'error';

/** Metric names that carry reasons or operation names, of which a peer could make up many. */
const NAMES_MAX = 100_000;

/** Counts what happens, under Mesos's names. What can be read off the state is not kept here. */
export class MasterMetrics {
  readonly #counters = new Map<string, number>();

  increment(name: string, by = 1): void {
    const value = this.#counters.get(name);
    if (value === undefined && this.#counters.size >= NAMES_MAX) return;
    this.#counters.set(name, (value ?? 0) + by);
  }

  get(name: string): number {
    return this.#counters.get(name) ?? 0;
  }

  /** Names and values, in no order. */
  counters(): IterableIterator<[string, number]> {
    return this.#counters.entries();
  }

  /** A task has reached a terminal state, or never came to be. */
  taskEnded(state: TaskState, update: StatusUpdate, framework?: Framework): void {
    const name = state.toLowerCase();
    framework?.counters.increment(`tasks/terminal/${name}`);
    this.increment(`master/${name.replace('task_', 'tasks_')}`);
    const { source = 'SOURCE_MASTER', reason } = update.status;
    const path = `master/${name}/${source.toLowerCase()}`;
    if (reason !== undefined) this.increment(`${path}/${reason.toLowerCase()}`);
  }

  agentRemoved(reason: RemovalReason): void {
    this.increment('master/slave_removals');
    this.increment(`master/slave_removals/reason_${reason}`);
  }

  /** An event has gone to a scheduler. */
  sent(framework: Framework, event: EventName, offers = 0): void {
    framework.counters.increment('events');
    framework.counters.increment(`events/${event}`);
    if (offers > 0) framework.counters.increment('offers/sent', offers);
    if (event === 'rescind') framework.counters.increment('offers/rescinded');
  }

  offersEnded(framework: Framework, how: 'accepted' | 'declined'): void {
    framework.counters.increment(`offers/${how}`);
  }

  operation(framework: Framework, name: string): void {
    framework.counters.increment('operations');
    framework.counters.increment(`operations/${name}`);
  }

  operationDropped(type: OfferOperationType): void {
    this.increment('master/operations/dropped');
    this.increment(`master/operations/${type.toLowerCase()}/dropped`);
  }
}
