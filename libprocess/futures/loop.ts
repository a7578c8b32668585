import { dispatch } from '../dispatch.ts';
import { RuntimeError } from '../errors.ts';
import { attempt, type Future, FuturePromise } from '../future.ts';
import type { PID } from '../pid.ts';
import type { Process } from '../process.ts';

/** What the body of a loop answers: go round again, or end with a value. */
export type ControlFlow<V> =
  { readonly kind: 'continue' } | { readonly kind: 'break'; readonly value: V };

export const Continue = (): ControlFlow<never> => ({ kind: 'continue' });
export const Break = <V>(value: V): ControlFlow<V> => ({ kind: 'break', value });

type Iterate<T> = () => T | PromiseLike<T>;
type Body<T, V> = (value: T) => ControlFlow<V> | PromiseLike<ControlFlow<V>>;

/**
 * `iterate`, hand the result to `body`, and again, until `body` breaks or either fails. Uses no
 * stack, however many rounds are ready at once. A discard request goes to whatever is pending and
 * ends the loop before its next round. A body that answers neither fails it with `INVALID_CONTROL_FLOW`.
 *
 * With a process, both run in turns of it, other events between the rounds; the loop is abandoned
 * when it ends. Without one they run in whatever turn completes the round before.
 */
export function loop<T, V>(pid: PID<Process>, iterate: Iterate<T>, body: Body<T, V>): Future<V>;
export function loop<T, V>(iterate: Iterate<T>, body: Body<T, V>): Future<V>;
export function loop<T, V>(
  ...given: [PID<Process>, Iterate<T>, Body<T, V>] | [Iterate<T>, Body<T, V>]
): Future<V> {
  if (given.length === 2) return repeat(() => attempt(given[0]).then(given[1]));
  const [pid, iterate, body] = given;
  return repeat(() =>
    dispatch(pid, () => {
      const next = attempt(iterate);
      return next.isReady
        ? body(next.value)
        : next.then((value) => dispatch(pid, () => body(value)));
    }),
  );
}

/** JavaScript may forget to answer; the loop would neither go on nor end. */
const noFlow = (): RuntimeError =>
  new RuntimeError(
    'INVALID_CONTROL_FLOW',
    'Failed to go on with a loop: its body returned neither Continue() nor Break(value)',
  );

/** Until a round breaks, is discarded, abandoned or fails. */
function repeat<V>(next: () => Future<ControlFlow<V> | undefined>): Future<V> {
  const promise = new FuturePromise<V>();
  let pending: Future<unknown> | undefined;
  promise.future.onDiscard(() => pending?.discard());

  const rounds = (): void => {
    let again = true;
    while (again) {
      again = false;
      if (promise.future.hasDiscard) {
        promise.discard();
        return;
      }
      const round = next();
      pending = round;
      let synchronous = true;
      round.onSettled((done) => {
        if (done.isAbandoned) promise.abandon(done.whyAbandoned);
        else if (done.isFailed) promise.fail(done.error);
        else if (done.isDiscarded) promise.discard();
        else if (done.value?.kind === 'break') promise.set(done.value.value);
        else if (done.value?.kind !== 'continue') promise.fail(noFlow());
        else if (synchronous) again = true;
        else rounds();
      });
      synchronous = false;
    }
  };
  rounds();
  return promise.future;
}
