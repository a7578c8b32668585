import type { Millis } from './clock.ts';
import { type Future, FuturePromise } from './future.ts';
import { MAILBOX } from './plumbing.ts';
import type { PID } from './pid.ts';
import type { Process } from './process.ts';

/** Names of the public methods of a process: what can be dispatched to. */
export type MethodName<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never;
}[keyof T] &
  string;

export type Arguments<T, K extends keyof T> = T[K] extends (...args: infer A) => unknown
  ? A
  : never;

/** The future of a method's result; a method that returns a future or promise gives that one. */
export type Result<T, K extends keyof T> = T[K] extends (...args: never[]) => infer R
  ? Future<Awaited<R>>
  : never;

/**
 * Calls a public method in a turn of its process and returns the future of its result. Abandoned
 * if the process has ended, or ends before.
 */
export function dispatch<T extends Process, K extends MethodName<T>>(
  pid: PID<T>,
  method: K,
  ...args: Arguments<T, K>
): Result<T, K> {
  const promise = new FuturePromise<unknown>();
  const queued = pid[MAILBOX]?.push({ kind: 'dispatch', method, args, promise, next: undefined });
  if (!queued) promise.abandon();
  return promise.future as Result<T, K>; // What the method returns is what completes it.
}

/** Like `dispatch`, when nobody looks at the result: cheaper. */
export function tell<T extends Process, K extends MethodName<T>>(
  pid: PID<T>,
  method: K,
  ...args: Arguments<T, K>
): void {
  pid[MAILBOX]?.push({ kind: 'dispatch', method, args, promise: undefined, next: undefined });
}

/** The arguments that remain when the first ones of `A` are given as `G`. */
type Rest<A extends unknown[], G extends unknown[]> = A extends [...G, ...infer R] ? R : never;

/** A function that dispatches: the first arguments now, the rest when it is called. */
export function defer<
  T extends Process,
  K extends MethodName<T>,
  G extends Partial<Arguments<T, K>> & unknown[],
>(pid: PID<T>, method: K, ...given: G): (...rest: Rest<Arguments<T, K>, G>) => Result<T, K> {
  return (...rest) => dispatch(pid, method, ...([...given, ...rest] as Arguments<T, K>));
}

/** A dispatch at least `delayMs` from now; disposing it cancels. */
export function delay<T extends Process, K extends MethodName<T>>(
  delayMs: Millis,
  pid: PID<T>,
  ...call: [method: K, ...args: Arguments<T, K>]
): Disposable {
  const [method, ...args] = call;
  const clock = pid[MAILBOX]?.clock;
  if (!clock) return { [Symbol.dispose]: () => undefined };
  return clock.timer(delayMs, () => {
    tell(pid, method, ...(args as Arguments<T, K>));
  });
}
