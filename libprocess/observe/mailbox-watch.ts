import type { MailboxEvent } from '../event.ts';
import type { Future } from '../future.ts';
import type { Mailbox } from '../mailbox.ts';
import type { Message } from '../message.ts';
import type { ProcessManager } from '../process-manager.ts';
import { methodOf } from '../remote/wire.ts';

/**
 * Sees what the mailboxes of a node are given and what their processes do with it. A node has none unless
 * somebody has asked for it, so that it costs nothing then. It throws nothing of its own.
 */
export interface MailboxWatch {
  /** An event has been put into a mailbox, in the turn of whoever caused it. */
  queued?(mailbox: Mailbox, event: MailboxEvent): void;
  /** A message leaves a process of the node, for near or far. */
  sent?(message: Message): void;
  /** The turn of an event: calls `handle` once, and lets through what that throws. */
  turn(mailbox: Mailbox, event: MailboxEvent, handle: () => void): void;
  /**
   * Within a turn, at most once: what the call that is handled comes to, if that is a failure or still to come. To
   * listen to it is nobody's looking at the failure.
   */
  answers?(outcome: Future<unknown>): void;
  /** Nothing of the process runs any more. Its last turn may still be under way. */
  ended?(mailbox: Mailbox): void;
}

/** Lets `watch` see everything that the node does from now on, until disposed. */
export function watchMailboxes(node: ProcessManager, watch: MailboxWatch): Disposable {
  const all = node.watch instanceof Watches ? node.watch : new Watches();
  all.add(watch);
  node.watchBy(all);
  return {
    [Symbol.dispose]: () => {
      all.delete(watch);
      if (all.size === 0) node.watchBy(undefined);
    },
  };
}

/** All that watch one node: the first to come is the outermost. */
class Watches extends Set<MailboxWatch> implements MailboxWatch {
  queued(mailbox: Mailbox, event: MailboxEvent): void {
    for (const watch of this) watch.queued?.(mailbox, event);
  }

  sent(message: Message): void {
    for (const watch of this) watch.sent?.(message);
  }

  answers(outcome: Future<unknown>): void {
    for (const watch of this) watch.answers?.(outcome);
  }

  ended(mailbox: Mailbox): void {
    for (const watch of [...this]) watch.ended?.(mailbox);
  }

  turn(mailbox: Mailbox, event: MailboxEvent, handle: () => void): void {
    let rest = handle;
    for (const watch of [...this].reverse()) {
      const inner = rest;
      rest = () => {
        watch.turn(mailbox, event, inner);
      };
    }
    rest();
  }
}

/** Fields of a log line: what was handled, and whose message it was. */
export function whatRan(during: MailboxEvent | string): {
  readonly event: string;
  readonly from?: string;
} {
  if (typeof during === 'string') return { event: during };
  const event = nameOf(during);
  if (during.kind !== 'message') return { event };
  const method = methodOf(event, () => during.bytes);
  return {
    event: method === undefined ? event : `${event} ${method}`,
    from: during.from.toString(),
  };
}

/** What an event is called: a message or a method by its name, anything else by its kind. */
export function nameOf(event: MailboxEvent): string {
  switch (event.kind) {
    case 'message':
      return event.name;
    case 'dispatch':
      return event.subject;
    case 'http':
      return `${event.subject.method} ${event.subject.path}`;
    case 'thunk':
      return '(continuation)';
    case 'exited':
    case 'terminate':
      return `(${event.kind})`;
  }
}
