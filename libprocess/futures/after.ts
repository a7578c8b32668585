import type { Clock } from '../clock.ts';
import { toMs, type Duration } from '../duration.ts';
import { type Future, FuturePromise } from '../future.ts';

/** Ready after `duration`; a discard request stops the clock and is granted. */
export function after(clock: Clock, duration: Duration): Future<void> {
  const promise = new FuturePromise<void>();
  const timer = clock.timer(toMs(duration), () => promise.set(undefined));
  promise.future.onDiscard(() => {
    timer[Symbol.dispose]();
    promise.discard();
  });
  return promise.future;
}
