import type { Mailbox } from './mailbox.ts';
import { MAILBOX } from './plumbing.ts';
import type { Process } from './process.ts';
import { UPID } from './upid.ts';

/**
 * The address of an actor of this operating-system process, typed by its class. It carries its
 * mailbox, so that dispatching needs neither a look-up nor a global; on the wire it is its UPID.
 */
export class PID<out T extends Process> extends UPID {
  /** Set once by the node that spawned it. */
  [MAILBOX]: Mailbox | undefined = undefined;
  declare protected readonly type: T;
}
