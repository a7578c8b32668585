import type { Millis } from './clock.ts';
import { dispatchEvent, thunkEvent } from './event.ts';
import { type Future, FuturePromise } from './future.ts';
import { invoke } from './mailbox.ts';
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
 * if the process has ended, or ends before the result is there. What the method throws fails the
 * future and the process goes on, save for a broken invariant (an `AssertionError`).
 */
export function dispatch<T extends Process, K extends MethodName<T>>(
  pid: PID<T>,
  method: K,
  ...args: Arguments<T, K>
): Result<T, K> {
  return call(pid, method, args) as Result<T, K>; // What the method returns is what completes it.
}

function call(pid: PID<Process>, method: string, args: readonly unknown[]): Future<unknown> {
  const mailbox = pid[MAILBOX];
  const promise = new FuturePromise<unknown>(mailbox?.owner);
  if (!mailbox?.push(dispatchEvent(method, args, promise))) promise.abandon();
  return promise.future;
}

/** Like `dispatch`, when nobody looks at the result: cheaper. A method that throws ends its process. */
export function tell<T extends Process, K extends MethodName<T>>(
  pid: PID<T>,
  method: K,
  ...args: Arguments<T, K>
): void {
  pid[MAILBOX]?.push(dispatchEvent(method, args));
}

/** The arguments that remain when the first ones of `A` are given as `G`. */
type Rest<A extends unknown[], G extends unknown[]> = A extends [...G, ...infer R]
  ? R
  : G extends [unknown, ...infer H]
    ? A extends [unknown?, ...infer B]
      ? Rest<B, H>
      : never
    : A;

/** A function that dispatches: the first arguments now, the rest when it is called. */
export function defer<
  T extends Process,
  K extends MethodName<T>,
  G extends Partial<Arguments<T, K>> & unknown[],
>(pid: PID<T>, method: K, ...given: G): (...rest: Rest<Arguments<T, K>, G>) => Result<T, K> {
  return (...rest) => dispatch(pid, method, ...([...given, ...rest] as Arguments<T, K>));
}

/** A call at least `delayMs` from now. Disposing cancels it until the very turn in which it runs. */
export function delay<T extends Process, K extends MethodName<T>>(
  delayMs: Millis,
  pid: PID<T>,
  ...call: [method: K, ...args: Arguments<T, K>]
): Disposable {
  const [method, ...args] = call;
  const mailbox = pid[MAILBOX];
  let cancelled = mailbox === undefined;
  const timer = mailbox?.clock.timer(delayMs, () => {
    mailbox.push(
      thunkEvent(() => {
        if (!cancelled) invoke(mailbox.process, method, args);
      }),
    );
  });
  return {
    [Symbol.dispose]: () => {
      cancelled = true;
      timer?.[Symbol.dispose]();
    },
  };
}

/** The public methods of a process, each as what dispatches it. */
export type Ref<T> = {
  readonly [K in MethodName<T>]: (...args: Arguments<T, K>) => Result<T, K>;
};

/** `ref(pid).add(1)` is `dispatch(pid, 'add', 1)`. Not awaitable itself, whatever its methods. */
export function ref<T extends Process>(pid: PID<T>): Ref<T> {
  const target = Object.create(null) as Ref<T>; // Empty: the handler answers for every method.
  return new Proxy(target, {
    get: (_target, method) =>
      typeof method === 'symbol' || method === 'then'
        ? undefined
        : (...args: readonly unknown[]) => call(pid, method, args),
  });
}
