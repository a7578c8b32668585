import type { Clock, Millis } from '../clock.ts';
import type { MailboxEvent } from '../event.ts';
import type { Mailbox } from '../mailbox.ts';
import { nameOf, type MailboxWatch } from './mailbox-watch.ts';

/** What one handler has taken since the watch began. */
export interface HandlerTime {
  readonly name: string;
  readonly count: number;
  readonly totalMs: Millis;
  readonly maxMs: Millis;
}

export interface ProcessTime {
  readonly handled: number;
  readonly busyMs: Millis;
  /** Those that took the longest in all, slowest first. */
  readonly slowest: readonly HandlerTime[];
}

/** Processes whose handlers are told apart; the rest is not measured. */
const PROCESSES_MAX = 10_000;
/** Handlers of one process that are told apart; the rest is one. */
const HANDLERS_MAX = 64;
const SLOWEST_SHOWN_MAX = 5;

interface Times {
  count: number;
  totalMs: Millis;
  maxMs: Millis;
}

const NOTHING: ProcessTime = { handled: 0, busyMs: 0, slowest: [] };

/** Measures the handlers of a node while it watches. */
export class HandlerTimes implements MailboxWatch {
  readonly #clock: Clock;
  readonly #processes = new Map<Mailbox, Map<string, Times>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  turn(mailbox: Mailbox, event: MailboxEvent, handle: () => void): void {
    const sinceMs = this.#clock.monotonic();
    try {
      handle();
    } finally {
      this.#add(mailbox, nameOf(event), this.#clock.monotonic() - sinceMs);
      if (mailbox.ended) this.#processes.delete(mailbox);
    }
  }

  /** Also one whose handler threw, which has ended after its turn. */
  ended(mailbox: Mailbox): void {
    this.#processes.delete(mailbox);
  }

  of(mailbox: Mailbox): ProcessTime {
    const handlers = [...(this.#processes.get(mailbox) ?? [])].map(([name, times]) => ({
      name,
      ...times,
    }));
    if (handlers.length === 0) return NOTHING;
    return {
      handled: handlers.reduce((sum, { count }) => sum + count, 0),
      busyMs: handlers.reduce((sum, { totalMs }) => sum + totalMs, 0),
      slowest: handlers.sort((a, b) => b.totalMs - a.totalMs).slice(0, SLOWEST_SHOWN_MAX),
    };
  }

  #add(mailbox: Mailbox, name: string, spanMs: Millis): void {
    let handlers = this.#processes.get(mailbox);
    if (!handlers) {
      if (this.#processes.size >= PROCESSES_MAX) return;
      this.#processes.set(mailbox, (handlers = new Map<string, Times>()));
    }
    const known = handlers.has(name) || handlers.size < HANDLERS_MAX;
    const key = known ? name : '(others)';
    let times = handlers.get(key);
    if (!times) handlers.set(key, (times = { count: 0, totalMs: 0, maxMs: 0 }));
    times.count += 1;
    times.totalMs += spanMs;
    times.maxMs = Math.max(times.maxMs, spanMs);
  }
}
