import { exitedEvent, type ExitReason } from '../../libprocess/event.ts';
import { MAILBOX } from '../../libprocess/plumbing.ts';
import type { PID } from '../../libprocess/pid.ts';
import type { Process } from '../../libprocess/process.ts';
import type { UPID } from '../../libprocess/upid.ts';

/**
 * Tells `to` that `from` has ended, or is out of reach, whether it is so and whether they are linked or
 * not. Links stay as they are. False if `to` has ended, or a filter drops it.
 */
export function injectExited(from: UPID, to: PID<Process>, reason: ExitReason = 'ended'): boolean {
  return to[MAILBOX]?.push(exitedEvent(from, reason)) ?? false;
}
