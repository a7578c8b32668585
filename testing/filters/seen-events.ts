import { inspect } from 'node:util';
import type { Verdict } from '../../libprocess/event-filters.ts';
import type { MailboxEvent } from '../../libprocess/event.ts';
import { UPID } from '../../libprocess/upid.ts';
import { callOf } from './selectors.ts';

/** Events that an error tells of. */
const SHOWN_MAX = 16;
/** Characters of the arguments of a call. */
const ARGUMENTS_CHARS_MAX = 80;

interface Seen {
  readonly event: MailboxEvent;
  readonly to: UPID;
  readonly verdict: Verdict;
}

/** What came to the nodes of a test last, for whoever waits in vain. */
export class SeenEvents {
  #count = 0;
  #last: Seen[] = [];

  /** How many there were so far. */
  get count(): number {
    return this.#count;
  }

  see(event: MailboxEvent, to: UPID, verdict: Verdict): void {
    if (event.kind === 'thunk' && !event.detail) return; // It has no name.
    this.#count += 1;
    this.#last.push({ event, to, verdict });
    if (this.#last.length >= 2 * SHOWN_MAX) this.#last = this.#last.slice(-SHOWN_MAX);
  }

  /** What came after the first `count` events, a line each. */
  since(count: number): string {
    const came = this.#count - count;
    if (came === 0) return 'Nothing came instead.';
    const shown = this.#last.slice(-Math.min(came, SHOWN_MAX));
    const left = came - shown.length;
    return [
      `${String(came)} other events came${left > 0 ? `, the last ${String(shown.length)}` : ''}:`,
      ...shown.map((seen) => `  ${print(seen)}`),
    ].join('\n');
  }
}

function print({ event, to, verdict }: Seen): string {
  return `${describe(event, to)}${verdict === 'drop' ? ' (dropped)' : ''}`;
}

function describe(event: MailboxEvent, to: UPID): string {
  if (event.kind === 'message')
    return `message '${event.name}' from ${String(event.from)} to ${String(to)}`;
  if (event.kind === 'http') return `request ${event.subject.method} ${event.subject.path}`;
  if (event.kind === 'exited') return `exited of ${String(event.subject)} to ${String(to)}`;
  const call = callOf(event);
  return call ? `call ${call.method}(${printArguments(call.args)}) of ${String(to)}` : event.kind;
}

function printArguments(args: readonly unknown[]): string {
  const text = args.map(printArgument).join(', ');
  return text.length > ARGUMENTS_CHARS_MAX ? `${text.slice(0, ARGUMENTS_CHARS_MAX)}…` : text;
}

const printArgument = (value: unknown): string =>
  value instanceof UPID ? value.toString() : inspect(value, { depth: 1, breakLength: Infinity });
