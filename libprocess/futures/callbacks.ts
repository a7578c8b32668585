/** Calls of callbacks within one another before the next waits for the outermost to return. */
const NESTING_MAX = 64;

/** Who hears of callbacks that threw: in practice a node. */
export interface CallbackMonitor {
  /** Must not throw itself. */
  callbackThrew(error: unknown): void;
}

/** Of an argument that whoever registers it and whoever calls it agree on. */
export type Callback = (argument: never) => void;

interface Waiting {
  readonly callback: Callback;
  readonly argument: unknown;
  readonly monitor: CallbackMonitor | undefined;
}

let nesting = 0;
let waiting: Waiting[] = [];

/**
 * Calls `callback` now; where futures complete futures that complete futures, many levels deep, as
 * soon as the outermost callback has returned, still in the same turn: no chain is too long for the
 * stack. What a callback throws reaches the monitor, never the caller.
 */
export function call(
  callback: Callback,
  argument: unknown,
  monitor: CallbackMonitor | undefined,
): void {
  if (nesting >= NESTING_MAX) {
    waiting.push({ callback, argument, monitor });
    return;
  }
  nesting += 1;
  try {
    callback(argument as never);
  } catch (error) {
    threw(error, monitor);
  }
  nesting -= 1;
  if (nesting === 0 && waiting.length > 0) callWaiting();
}

function callWaiting(): void {
  nesting = 1;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    for (const { callback, argument, monitor } of batch) {
      try {
        callback(argument as never);
      } catch (error) {
        threw(error, monitor);
      }
    }
  }
  nesting = 0;
}

/** A callback of nobody's: the error surfaces as any other that nobody catches. */
function threw(error: unknown, monitor: CallbackMonitor | undefined): void {
  if (monitor) monitor.callbackThrew(error);
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- Whatever was thrown.
  else void Promise.reject(error);
}
