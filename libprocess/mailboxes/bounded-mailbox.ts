import { MailboxFullError } from '../errors.ts';
import type { MailboxEvent } from '../event.ts';
import { serviceUnavailable } from '../http/responses.ts';
import { Mailbox, type MailboxOwner } from '../mailbox.ts';
import type { PID } from '../pid.ts';
import { REFUSED } from '../plumbing.ts';
import type { Process } from '../process.ts';

/**
 * A mailbox that takes so much and no more: further messages, calls and requests are refused and
 * counted. Who awaits an outcome is told at once; no sender ever throws. The ends of others, a process's own timers and continuations,
 * and its own end are always let in. A class of its own, so that other mailboxes count nothing.
 */
export class BoundedMailbox extends Mailbox {
  readonly #limit: number;
  /** What waits, and what the turns under way have taken of it. */
  #waiting = 0;
  #initialized = false;

  // eslint-disable-next-line max-params -- Those of a mailbox, and one.
  constructor(process: Process, pid: PID<Process>, owner: MailboxOwner, limit: number) {
    super(process, pid, owner);
    this.#limit = limit;
  }

  override push(event: MailboxEvent): boolean {
    if (this.#waiting >= this.#limit && isFromOthers(event) && !this.ended) {
      this.owner.refused(this.pid);
      this.#refuse(event);
      return false;
    }
    const pushed = super.push(event);
    if (pushed) this.#waiting += 1;
    return pushed;
  }

  #refuse(event: MailboxEvent): void {
    if (event.kind === 'http') event.promise.set(serviceUnavailable());
    else if (event.kind === 'dispatch')
      event.promise?.fail(new MailboxFullError(this.pid.toString()));
    else if (event.kind === 'message') this.process[REFUSED](event);
  }

  override inject(event: MailboxEvent): void {
    this.#waiting += 1;
    super.inject(event);
  }

  override runSome(quantum: number): number {
    const done = super.runSome(quantum);
    this.#waiting -= this.#initialized ? done : done - 1; // To initialize is a turn, and no event.
    this.#initialized = true;
    return done;
  }
}

const isFromOthers = ({ kind }: MailboxEvent): boolean =>
  kind === 'message' || kind === 'dispatch' || kind === 'http';
