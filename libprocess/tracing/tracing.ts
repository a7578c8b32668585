import type { HttpEvent, MailboxEvent } from '../event.ts';
import type { Future } from '../future.ts';
import type { Mailbox } from '../mailbox.ts';
import type { Message } from '../message.ts';
import { watchMailboxes, whatRan, type MailboxWatch } from '../observe/mailbox-watch.ts';
import type { ProcessManager } from '../process-manager.ts';
import {
  parseTraceHeaders,
  printTraceHeaders,
  traceHeadersOf,
  type TraceHeaders,
} from './trace-context.ts';
import type { SpanStart, TraceContext, Tracer } from './tracer.ts';

/** What is known of a call in the turn that handles it. */
interface Call {
  /** Undefined if it has come to an end with the turn, and well. */
  outcome: Future<unknown> | undefined;
}

/**
 * Follows causes through a node: what is sent, called or set in motion in a turn belongs to the trace of that
 * turn, near and far. Turns of messages, calls and requests are spans; continuations belong to the span that
 * made them. Traces begin outside: with a request, or with the span that somebody has open who calls an actor.
 */
export class Tracing implements MailboxWatch {
  readonly #node: ProcessManager;
  readonly #tracer: Tracer;
  readonly #contexts = new WeakMap<MailboxEvent, TraceContext>();
  /** That of the present turn. */
  #call: Call | undefined;

  constructor(node: ProcessManager, tracer: Tracer) {
    this.#node = node;
    this.#tracer = tracer;
    watchMailboxes(node, this);
  }

  /** For requests to other programs: the headers that make them part of the trace, if there is one. */
  headers(): TraceHeaders | undefined {
    const active = this.#tracer.active();
    const span = active && this.#tracer.referenceOf(active);
    return span && printTraceHeaders(span);
  }

  sent(message: Message): void {
    if (message.to.address !== this.#node.address) message.trace ??= this.headers();
  }

  queued(_mailbox: Mailbox, event: MailboxEvent): void {
    const context = this.#contextOf(event);
    if (context) this.#contexts.set(event, context);
  }

  turn(mailbox: Mailbox, event: MailboxEvent, handle: () => void): void {
    const parent = this.#contexts.get(event);
    // A turn without a trace is run outside of all: it may come after one with a trace in the same slice.
    if (!isSpan(event, parent)) this.#tracer.run(parent, handle);
    else if (event.kind === 'http') this.#serve(mailbox, event, handle);
    else this.#handle(this.#startOf(mailbox, event), handle);
  }

  /** What comes from elsewhere has its trace with it; anything else belongs to whoever caused it. */
  #contextOf(event: MailboxEvent): TraceContext | undefined {
    switch (event.kind) {
      case 'message':
        if (event.trace) return this.#enter(event.trace);
        return event.arrival ? undefined : this.#tracer.active();
      case 'http':
        return this.#enter(traceHeadersOf(event.subject.headers));
      case 'dispatch':
      case 'thunk':
        return this.#tracer.active();
      case 'exited':
      case 'terminate':
        return undefined;
    }
  }

  #enter(headers: TraceHeaders | undefined): TraceContext | undefined {
    if (!headers) return undefined;
    const span = parseTraceHeaders(headers);
    if (!span) this.#node.counters.malformedTraceContexts += 1;
    return span && this.#tracer.enter(span);
  }

  #startOf({ pid }: Mailbox, event: MailboxEvent): SpanStart {
    const name = `${pid.id} ${whatRan(event).event}`;
    const attributes = { 'libprocess.pid': pid.toString() };
    const parent = this.#contexts.get(event);
    if (event.kind !== 'message') return { name, kind: 'internal', parent, attributes };
    const from = { 'libprocess.from': event.from.toString() };
    return { name, kind: 'consumer', parent, attributes: { ...attributes, ...from } };
  }

  answers(outcome: Future<unknown>): void {
    if (this.#call) this.#call.outcome ??= outcome;
  }

  /** The span of a call lasts until it is answered, and fails with it. */
  #handle(start: SpanStart, handle: () => void): void {
    const span = this.#tracer.begin(start);
    const call: Call = { outcome: undefined };
    this.#call = call;
    try {
      this.#tracer.run(span.context, handle);
    } catch (error) {
      call.outcome = undefined;
      span.fail(error);
      throw error;
    } finally {
      this.#call = undefined;
      if (!call.outcome) span.end();
    }
    call.outcome?.onSettled((outcome) => {
      if (!outcome.isReady) span.fail(outcome.error);
      span.end();
    });
  }

  /** The span of a request lasts until it is answered. */
  #serve({ pid }: Mailbox, event: HttpEvent, handle: () => void): void {
    const { method, path } = event.subject;
    const span = this.#tracer.begin({
      name: `${method} ${path}`,
      kind: 'server',
      parent: this.#contexts.get(event),
      attributes: {
        'http.request.method': method,
        'url.path': path,
        'libprocess.pid': pid.toString(),
      },
    });
    event.promise.future.onSettled((answer) => {
      if (answer.isReady) span.setAttribute('http.response.status_code', answer.value.status);
      if (answer.isReady && answer.value.status >= 500) span.fail(undefined);
      span.end();
    });
    this.#tracer.run(span.context, handle);
  }
}

const isSpan = (event: MailboxEvent, parent: TraceContext | undefined): boolean =>
  event.kind === 'http' || (parent !== undefined && event.kind !== 'thunk');
