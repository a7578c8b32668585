import { RecentSet } from '../../libprocess/collections/recent-set.ts';
import {
  FrameworkErrorMessage,
  FrameworkRegisteredMessage,
  FrameworkReregisteredMessage,
  scheduler,
  UnregisterFrameworkMessage,
} from '../../proto/index.ts';
import type { EventOf, History, NodeLife } from './history.ts';

/** Framework ids that are known to be over; schedulers that were told so. */
const ENDED_MAX = 4_096;
const WELCOMES: ReadonlySet<string> = new Set([
  FrameworkRegisteredMessage.fullName,
  FrameworkReregisteredMessage.fullName,
]);

/**
 * M8: of the schedulers of one framework the last that was welcomed is heard and spoken to; one before it
 * gets nothing but an error. M10: a framework that was torn down is not welcomed again.
 */
export class FrameworkChecks {
  readonly #history: History;
  /** By life of a master, then by framework: where its scheduler is. */
  readonly #seats = new WeakMap<NodeLife, Map<string, string>>();
  /** By life of a master: those that others have taken over from; until they are told of it they may insist. */
  readonly #unseated = new WeakMap<NodeLife, Set<string>>();
  readonly #told = new RecentSet<string>(ENDED_MAX);
  readonly #over = new RecentSet<string>(ENDED_MAX);

  constructor(history: History) {
    this.#history = history;
    history.onMessage('sent', FrameworkRegisteredMessage, ({ framework_id }, event) => {
      this.#welcomed(framework_id.value, event);
    });
    history.onMessage('sent', FrameworkReregisteredMessage, ({ framework_id }, event) => {
      this.#welcomed(framework_id.value, event);
    });
    history.on('sent', ({ node, message }) => {
      if (message.from.id !== 'master' || message.name === FrameworkErrorMessage.fullName) return;
      const to = message.to.toString();
      if (this.#unseated.get(node)?.has(to) !== true) return;
      if (WELCOMES.has(message.name) && !this.#told.has(to)) return;
      history.violated('M8', `'${message.name}' goes to '${to}', which another took over from`);
    });
    history.onMessage('delivered', FrameworkErrorMessage, (_, { message }) => {
      this.#told.add(message.to.toString());
    });
    history.onMessage('delivered', scheduler.Call, ({ type, framework_id }, { node, message }) => {
      if (type === 'TEARDOWN') this.#tornDown(framework_id?.value, node, message.from.toString());
    });
    history.onMessage('delivered', UnregisterFrameworkMessage, ({ framework_id }, event) => {
      this.#tornDown(framework_id.value, event.node, event.message.from.toString());
    });
  }

  #welcomed(id: string, { node, message }: EventOf<'sent' | 'delivered'>): void {
    if (this.#over.has(id)) this.#history.violated('M10', `framework '${id}' is over and welcomed`);
    const to = message.to.toString();
    const seats = this.#seats.get(node) ?? new Map<string, string>();
    this.#seats.set(node, seats);
    const unseated = this.#unseated.get(node) ?? new Set<string>();
    this.#unseated.set(node, unseated);
    const before = seats.get(id);
    if (before !== undefined && before !== to) unseated.add(before);
    unseated.delete(to);
    seats.set(id, to);
  }

  /** Only its own scheduler can do so, and only while the master takes it for connected. */
  #tornDown(id: string | undefined, node: NodeLife, from: string): void {
    if (id === undefined || this.#seats.get(node)?.get(id) !== from) return;
    this.#over.add(id);
  }
}
