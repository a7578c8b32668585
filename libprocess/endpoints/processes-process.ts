import type { Millis } from '../clock.ts';
import { parseDuration } from '../duration.ts';
import type { MailboxEvent } from '../event.ts';
import type { Request, Response } from '../http/http.ts';
import { jsonOrJsonp } from '../http/jsonp.ts';
import { Pipe } from '../http/pipe.ts';
import { badRequest, notFound, text } from '../http/responses.ts';
import type { Mailbox } from '../mailbox.ts';
import { HandlerTimes } from '../observe/handler-times.ts';
import { watchMailboxes } from '../observe/mailbox-watch.ts';
import { ProcessTrace } from '../observe/process-trace.ts';
import { Process } from '../process.ts';
import { READONLY_REALM } from '../http/access/http-access.ts';

/** Events listed of one mailbox; a full one would make the answer as large as the backlog. */
const EVENTS_LISTED_MAX = 1_000;
/** Events listed of all mailboxes together. */
const EVENTS_LISTED_IN_ALL_MAX = 10_000;
/** Events counted in one mailbox. */
const QUEUED_MAX = 1_000_000;
/** How long one request may have handlers measured. */
const WATCH_MS_MAX: Millis = 60_000;
/** Processes that are followed at a time. */
const TRACES_MAX = 8;

/**
 * `/__processes__`: all processes of its node and what waits in their mailboxes; what their handlers take, while
 * somebody watches; and `/__processes__/trace`, what one of them hears and says.
 */
export class ProcessesProcess extends Process {
  readonly #traces = new Set<Disposable>();
  #times: HandlerTimes | undefined;
  #watch: Disposable | undefined;
  #expiry: Disposable | undefined;

  constructor() {
    super('__processes__');
    this.route('/', (request) => this.#list(request), {
      realm: READONLY_REALM,
      help: {
        summary: 'All processes and the events that wait in their mailboxes.',
        description: [
          'Query parameters:',
          '>        watch=VALUE          Measure handlers for as long (at most 60secs) and tell what they',
          '>                             have taken since the first such request.',
        ],
      },
    });
    this.route('/trace', (request) => this.#trace(request), {
      realm: READONLY_REALM,
      help: {
        summary: 'What one process hears and says from now on, a line of JSON each.',
        description: ['Query parameters:', '>        id=VALUE             Of the process.'],
      },
    });
  }

  protected override finalize(): void {
    this.#unwatch();
    for (const trace of this.#traces) trace[Symbol.dispose]();
  }

  #list(request: Request): Response {
    if (request.path.replace(/\/$/, '') !== `/${this.id}`) return notFound();
    const { watch } = request.query;
    if (watch !== undefined) {
      const parsed = parseDuration(watch);
      if (!parsed.ok) return badRequest(`Invalid watch '${watch}': ${parsed.error}.\n`);
      if (parsed.value > WATCH_MS_MAX) {
        return badRequest(`Invalid watch '${watch}': it is longer than ${WATCH_MS_MAX}ms.\n`);
      }
      this.#watchFor(parsed.value);
    }
    let left = EVENTS_LISTED_IN_ALL_MAX;
    const processes = [...this.node.processes()].map((mailbox) => {
      const { events, queued } = contents(mailbox, Math.min(left, EVENTS_LISTED_MAX));
      left -= events.length;
      return { events, id: mailbox.pid.id, queued, ...this.#timesOf(mailbox) };
    });
    return jsonOrJsonp(request, JSON.stringify(processes));
  }

  #timesOf(mailbox: Mailbox): object {
    if (!this.#times) return {};
    const { handled, busyMs, slowest } = this.#times.of(mailbox);
    return {
      handled,
      busy_ms: busyMs,
      slowest: slowest.map(({ name, count, totalMs, maxMs }) => ({
        name,
        count,
        total_ms: totalMs,
        max_ms: maxMs,
      })),
    };
  }

  #watchFor(spanMs: Millis): void {
    if (!this.#times) {
      this.#times = new HandlerTimes(this.runtime.clock);
      this.#watch = watchMailboxes(this.node, this.#times);
    }
    this.#expiry?.[Symbol.dispose]();
    this.#expiry = this.delay(spanMs, () => {
      this.#unwatch();
    });
  }

  #unwatch(): void {
    this.#watch?.[Symbol.dispose]();
    this.#times = this.#watch = undefined;
  }

  #trace({ query }: Request): Response {
    const { id } = query;
    if (id === undefined) return badRequest("Expecting 'id=value' in query.\n");
    const mailbox = [...this.node.processes()].find(({ pid }) => pid.id === id);
    if (!mailbox) return text(404, `No process '${id}' runs here.\n`);
    if (this.#traces.size >= TRACES_MAX) {
      return text(503, `Already ${TRACES_MAX} processes are followed.\n`);
    }
    const { reader, writer } = new Pipe();
    const trace = new ProcessTrace(this.node, mailbox, writer);
    this.#traces.add(trace);
    writer.readerClosed().onSettled(() => {
      trace[Symbol.dispose]();
      this.#traces.delete(trace);
    });
    return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body: reader };
  }
}

function contents(mailbox: Mailbox, listed: number): { events: object[]; queued: number } {
  const events: object[] = [];
  let queued = 0;
  for (const event of mailbox.events()) {
    queued += 1;
    if (events.length < listed) events.push(describe(event));
    if (queued >= QUEUED_MAX) break;
  }
  return { events, queued };
}

/** Bodies are left out: they are large, and may hold secrets. */
function describe(event: MailboxEvent): object {
  switch (event.kind) {
    case 'message': {
      const { name, from, to } = event;
      return { type: 'MESSAGE', name, from: from.toString(), to: to.toString() };
    }
    case 'http':
      return { type: 'HTTP', method: event.subject.method, url: event.subject.path };
    case 'dispatch':
      return { type: 'DISPATCH', name: event.subject };
    case 'thunk':
      return { type: 'DISPATCH' };
    case 'exited':
      return { type: 'EXITED' };
    case 'terminate':
      return { type: 'TERMINATE' };
  }
}
