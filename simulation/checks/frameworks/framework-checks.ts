import { RecentSet } from '../../../libprocess/collections/recent-set.ts';
import type { Millis } from '../../../libprocess/clock.ts';
import {
  FrameworkErrorMessage,
  FrameworkRegisteredMessage,
  FrameworkReregisteredMessage,
  scheduler,
  ShutdownFrameworkMessage,
  UnregisterFrameworkMessage,
} from '../../../proto/index.ts';
import type { EventOf, History, NodeLife } from '../history.ts';
import { PerLife } from '../per-life.ts';
import type { FrameworkSeats, Seat } from './framework-seats.ts';

/** Framework ids that are known to be over; schedulers that were told so. */
const ENDED_MAX = 4_096;
const MS_PER_SECOND = 1_000;
const WELCOMES: ReadonlySet<string> = new Set([
  FrameworkRegisteredMessage.fullName,
  FrameworkReregisteredMessage.fullName,
]);

/** What one life of a master has said of frameworks. */
interface Books {
  /** Schedulers that others have taken over from; until they are told of it they may insist. */
  readonly unseated: Set<string>;
  /** Frameworks that agents were told the end of. */
  readonly over: Set<string>;
}

/**
 * M8: of the schedulers of one framework the last that was welcomed is heard and spoken to; one before it
 * gets nothing but an error. M9: a framework is ended if somebody asked for it, or when its scheduler has
 * been away for its failover timeout. M10: one that is over is not welcomed again.
 */
export class FrameworkChecks {
  readonly #history: History;
  readonly #isToEnd: (frameworkId: string) => boolean;
  readonly #seats: FrameworkSeats;
  readonly #books = new PerLife<Books>(() => ({ unseated: new Set(), over: new Set() }));
  readonly #told = new RecentSet<string>(ENDED_MAX);
  readonly #over = new RecentSet<string>(ENDED_MAX);
  /** Failover timeouts, by scheduler and then by framework. */
  readonly #timeoutMs = new Map<string, Millis>();

  constructor(history: History, seats: FrameworkSeats, isToEnd: (frameworkId: string) => boolean) {
    this.#history = history;
    this.#seats = seats;
    this.#isToEnd = isToEnd;
    seats.onWelcome(({ frameworkId, event, before }) => {
      this.#welcomed(frameworkId, event, before);
    });
    history.onMessage('sent', ShutdownFrameworkMessage, ({ framework_id }, { node }) => {
      this.#ended(framework_id.value, node);
    });
    history.on('sent', (event) => {
      this.#spoke(event);
    });
    history.onMessage('delivered', FrameworkErrorMessage, (_, { message }) => {
      this.#told.add(message.to.toString());
    });
    history.onMessage('delivered', scheduler.Call, ({ type, framework_id, subscribe }, event) => {
      const from = event.message.from.toString();
      if (type === 'TEARDOWN') this.#tornDown(framework_id?.value, event.node, from);
      if (subscribe) this.#timeoutMs.set(from, timeoutMsOf(subscribe.framework_info));
    });
    history.onMessage('delivered', UnregisterFrameworkMessage, ({ framework_id }, event) => {
      this.#tornDown(framework_id.value, event.node, event.message.from.toString());
    });
  }

  #spoke({ node, message }: EventOf<'sent'>): void {
    if (message.from.id !== 'master' || message.name === FrameworkErrorMessage.fullName) return;
    const to = message.to.toString();
    if (!this.#books.of(node).unseated.has(to)) return;
    if (WELCOMES.has(message.name) && !this.#told.has(to)) return;
    this.#history.violated('M8', `'${message.name}' goes to '${to}', which another took over from`);
  }

  #welcomed(
    id: string,
    { node, message }: EventOf<'sent' | 'delivered'>,
    before: Seat | undefined,
  ): void {
    const { unseated, over } = this.#books.of(node);
    if (this.#over.has(id) || over.has(id))
      this.#history.violated('M10', `framework '${id}' is over and welcomed`);
    const to = message.to.toString();
    if (before) unseated.add(before.at);
    unseated.delete(to);
    this.#timeoutMs.set(id, this.#timeoutMs.get(to) ?? 0);
  }

  /** A master tells an agent to end all that it runs of a framework. */
  #ended(id: string, node: NodeLife): void {
    const { over } = this.#books.of(node);
    if (over.has(id)) return;
    over.add(id);
    if (this.#isToEnd(id) || this.#over.has(id)) return;
    const seat = this.#seats.of(node, id);
    // Of one that it has only heard of from agents, a master knows since it began at the earliest.
    const sinceMs = seat ? (seat.awaySinceMs ?? Infinity) : node.beganAtMs;
    const timeoutMs = this.#timeoutMs.get(id) ?? 0;
    if (this.#history.nowMs < sinceMs + timeoutMs)
      this.#history.violated(
        'M9',
        `framework '${id}' is ended before its ${timeoutMs} ms are over`,
      );
  }

  /** Only its own scheduler can do so, and only while the master takes it for connected. */
  #tornDown(id: string | undefined, node: NodeLife, from: string): void {
    if (id === undefined || this.#seats.of(node, id)?.at !== from) return;
    this.#over.add(id);
  }
}

const timeoutMsOf = ({ failover_timeout = 0 }: { readonly failover_timeout?: number }): Millis =>
  failover_timeout * MS_PER_SECOND;
