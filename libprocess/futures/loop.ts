import { attempt, type Future, FuturePromise } from '../future.ts';

/** What the body of a loop answers: go round again, or end with a value. */
export type ControlFlow<V> =
  { readonly kind: 'continue' } | { readonly kind: 'break'; readonly value: V };

export const Continue = (): ControlFlow<never> => ({ kind: 'continue' });
export const Break = <V>(value: V): ControlFlow<V> => ({ kind: 'break', value });

/**
 * `iterate`, hand the result to `body`, and again, until `body` breaks or either fails. Uses no
 * stack, however many rounds are ready at once. A discard request goes to whatever is pending and
 * ends the loop before its next round.
 */
export function loop<T, V>(
  iterate: () => T | PromiseLike<T>,
  body: (value: T) => ControlFlow<V> | PromiseLike<ControlFlow<V>>,
): Future<V> {
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
      const round = attempt(iterate).then(body);
      pending = round;
      let synchronous = true;
      round.onSettled((done) => {
        if (done.isAbandoned) promise.abandon();
        else if (done.isFailed) promise.fail(done.error);
        else if (done.isDiscarded) promise.discard();
        else if (done.value.kind === 'break') promise.set(done.value.value);
        else if (synchronous) again = true;
        else rounds();
      });
      synchronous = false;
    }
  };
  rounds();
  return promise.future;
}
