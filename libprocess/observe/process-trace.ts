import type { Millis } from '../clock.ts';
import type { MailboxEvent } from '../event.ts';
import type { PipeWriter } from '../http/pipe.ts';
import type { Mailbox } from '../mailbox.ts';
import type { Message } from '../message.ts';
import type { ProcessManager } from '../process-manager.ts';
import { methodOf } from '../remote/wire.ts';
import { nameOf, watchMailboxes, type MailboxWatch } from './mailbox-watch.ts';

/** One line of what a process hears and says, as JSON. */
export type ProcessTraceLine = {
  /** Wall time, milliseconds since the epoch. */
  readonly at: Millis;
} & (
  | {
      readonly kind: 'handled';
      readonly type: 'MESSAGE' | 'DISPATCH' | 'HTTP' | 'EXITED' | 'CONTINUATION' | 'TERMINATE';
      readonly name: string;
      /** Of the message of a remote call. */
      readonly method?: string;
      /** Of a message, and of an exit who it was. */
      readonly from?: string;
      /** How long the handler took. */
      readonly ms: Millis;
    }
  | { readonly kind: 'sent'; readonly name: string; readonly method?: string; readonly to: string }
  /** Lines that were left out as the reader was too slow. */
  | { readonly kind: 'dropped'; readonly lines: number }
  | { readonly kind: 'ended' }
);

type Told = ProcessTraceLine extends infer Line
  ? Line extends unknown
    ? Omit<Line, 'at'>
    : never
  : never;

/** Bytes that wait for a slow reader; what comes above is left out and counted. */
const BUFFERED_BYTES_MAX = 1024 * 1024;

const TYPES = {
  message: 'MESSAGE',
  dispatch: 'DISPATCH',
  http: 'HTTP',
  exited: 'EXITED',
  thunk: 'CONTINUATION',
  terminate: 'TERMINATE',
} as const;

const encoder = new TextEncoder();

/** Writes what one process hears and says into a pipe, a line of JSON each, until either ends. */
export class ProcessTrace implements MailboxWatch, Disposable {
  readonly #node: ProcessManager;
  readonly #mailbox: Mailbox;
  readonly #writer: PipeWriter;
  readonly #watching: Disposable;
  #dropped = 0;

  constructor(node: ProcessManager, mailbox: Mailbox, writer: PipeWriter) {
    this.#node = node;
    this.#mailbox = mailbox;
    this.#writer = writer;
    this.#watching = watchMailboxes(node, this);
  }

  ended(mailbox: Mailbox): void {
    if (mailbox !== this.#mailbox) return;
    this.#tell({ kind: 'ended' });
    this[Symbol.dispose]();
  }

  turn(mailbox: Mailbox, event: MailboxEvent, handle: () => void): void {
    if (mailbox !== this.#mailbox) {
      handle();
      return;
    }
    const { clock } = this.#node.runtime;
    const sinceMs = clock.monotonic();
    try {
      handle();
    } finally {
      const ms = clock.monotonic() - sinceMs;
      const from = fromOf(event);
      const name = nameOf(event);
      const called = event.kind === 'message' ? calledBy(event) : {};
      const line = { kind: 'handled', type: TYPES[event.kind], name, ...called, ms } as const;
      this.#tell(from === undefined ? line : { ...line, from });
    }
  }

  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]();
    this.#writer.close();
  }

  sent(message: Message): void {
    const { name, from, to } = message;
    if (from.id !== this.#mailbox.pid.id || from.address !== this.#node.address) return;
    this.#tell({ kind: 'sent', name, ...calledBy(message), to: to.toString() });
  }

  #tell(told: Told): void {
    if (this.#writer.bufferedBytes > BUFFERED_BYTES_MAX) {
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0) this.#write({ kind: 'dropped', lines: this.#dropped });
    this.#dropped = 0;
    this.#write(told);
  }

  #write(told: Told): void {
    const line = { at: this.#node.runtime.clock.now(), ...told };
    this.#writer.write(encoder.encode(`${JSON.stringify(line)}\n`));
  }
}

function calledBy(message: Message): { readonly method?: string } {
  const method = methodOf(message.name, () => message.bytes);
  return method === undefined ? {} : { method };
}

function fromOf(event: MailboxEvent): string | undefined {
  if (event.kind === 'message') return event.from.toString();
  return event.kind === 'exited' ? event.subject.toString() : undefined;
}
