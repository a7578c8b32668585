import type { Millis } from '../../../libprocess/clock.ts';
import { FrameworkRegisteredMessage, FrameworkReregisteredMessage } from '../../../proto/index.ts';
import type { EventOf, History, NodeLife } from '../history.ts';
import { PerLife } from '../per-life.ts';

/** Where the scheduler of a framework is, to one life of a master. */
export interface Seat {
  readonly at: string;
  /** Since when that is disconnected; undefined while it is not. */
  readonly awaySinceMs: Millis | undefined;
}

interface Welcome {
  readonly frameworkId: string;
  readonly event: EventOf<'sent' | 'delivered'>;
  /** Where the scheduler was to the same life of the master. */
  readonly before: Seat | undefined;
}

/** Follows where masters take the schedulers of frameworks to be. Whoever listens is told after it. */
export class FrameworkSeats {
  readonly #history: History;
  readonly #seats = new PerLife<Map<string, Seat>>(() => new Map());
  readonly #onWelcome: ((welcome: Welcome) => void)[] = [];
  readonly #onExit: ((frameworkId: string, node: NodeLife) => void)[] = [];

  constructor(history: History) {
    this.#history = history;
    history.onMessage('sent', FrameworkRegisteredMessage, ({ framework_id }, event) => {
      this.#welcomed(framework_id.value, event);
    });
    history.onMessage('sent', FrameworkReregisteredMessage, ({ framework_id }, event) => {
      this.#welcomed(framework_id.value, event);
    });
    history.on('exited', (event) => {
      if (event.linker.id === 'master') this.#exited(event);
    });
  }

  of(node: NodeLife, frameworkId: string): Seat | undefined {
    return this.#seats.of(node).get(frameworkId);
  }

  onWelcome(listener: (welcome: Welcome) => void): void {
    this.#onWelcome.push(listener);
  }

  onExit(listener: (frameworkId: string, node: NodeLife) => void): void {
    this.#onExit.push(listener);
  }

  #welcomed(frameworkId: string, event: EventOf<'sent' | 'delivered'>): void {
    const seats = this.#seats.of(event.node);
    const before = seats.get(frameworkId);
    seats.set(frameworkId, { at: event.message.to.toString(), awaySinceMs: undefined });
    for (const listener of this.#onWelcome) listener({ frameworkId, event, before });
  }

  #exited({ node, of }: EventOf<'exited'>): void {
    const seats = this.#seats.of(node);
    for (const [frameworkId, { at, awaySinceMs = this.#history.nowMs }] of seats) {
      if (at !== of.toString()) continue;
      seats.set(frameworkId, { at, awaySinceMs });
      for (const listener of this.#onExit) listener(frameworkId, node);
    }
  }
}
