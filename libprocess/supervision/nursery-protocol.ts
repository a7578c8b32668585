import { cast, protocol } from '../remote/protocol.ts';
import { anything, nothing, object, string } from '../remote/shape.ts';

/** What a `RemoteChild` asks of a `Nursery`; who asks is who will be told. */
export const NURSERY = protocol('nursery', {
  /** Ends what was started for the same child before. */
  start: cast(object({ make: string, args: anything })),
  /** After what waits in its mailbox. */
  stop: cast(nothing),
});

/** What it is told, in the order in which it happened. */
export const CHILD = protocol('child', {
  /** With the UPID of the process. */
  started: cast(string),
  /** There is no such thing, or it could not be made. */
  refused: cast(string),
  /** With the reason, as `exited` has it, and what is known beyond. */
  ended: cast(object({ reason: string, why: string })),
});
