import { toMs, type Duration } from './duration.ts';
import { dispatchEvent } from './event.ts';
import { Future, FuturePromise } from './future.ts';
import { within } from './futures/within.ts';
import { invoke } from './mailbox.ts';
import { DELAY, MAILBOX, RUN } from './plumbing.ts';
import type { PID } from './pid.ts';
import type { Process } from './process.ts';

/** Names of the public methods of a process: what can be dispatched to. */
export type MethodName<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never;
}[keyof T] &
  string;

/** What a method takes, as `dispatch` passes it on. */
export type Arguments<T, K extends keyof T> = T[K] extends (...args: infer A) => unknown
  ? A
  : never;

/** The future of a method's result; a method that returns a future or promise gives that one. */
export type Result<T, K extends keyof T> = T[K] extends (...args: never[]) => infer R
  ? Future<Awaited<R>>
  : never;

/**
 * Calls a public method, or a function, in a turn of a process and returns the future of its
 * result. Abandoned if the process has ended, or ends before the result is there; failed with
 * `MailboxFullError` if its mailbox has a limit and is full. What is thrown fails the future and the
 * process goes on, save for a broken invariant (an `AssertionError`), which ends it.
 */
export function dispatch<T extends Process, K extends MethodName<T>>(
  pid: PID<T>,
  method: K,
  ...args: Arguments<T, K>
): Result<T, K>;
export function dispatch<R>(pid: PID<Process>, work: () => R): Future<Awaited<R>>;
export function dispatch(
  pid: PID<Process>,
  method: string | (() => unknown),
  ...args: readonly unknown[]
): Future<unknown> {
  return typeof method === 'string' ? call(pid, method, args) : call(pid, RUN, [method]);
}

function call(pid: PID<Process>, method: string, args: readonly unknown[]): Future<unknown> {
  const mailbox = pid[MAILBOX];
  const promise = new FuturePromise<unknown>(mailbox?.owner);
  if (!mailbox?.push(dispatchEvent(method, args, promise))) promise.abandon(notTaken(pid, method));
  return promise.future;
}

function notTaken(pid: PID<Process>, method: string): string {
  const upid = pid.toString();
  return pid[MAILBOX]?.ended === false
    ? `a filter dropped the call of '${method}' of '${upid}'`
    : `'${upid}' had ended when '${method}' was called`;
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
>(pid: PID<T>, method: K, ...given: G): (...rest: Rest<Arguments<T, K>, G>) => Result<T, K>;
export function defer<A extends unknown[], R>(
  pid: PID<Process>,
  work: (...args: A) => R,
): (...args: A) => Future<Awaited<R>>;
export function defer(
  pid: PID<Process>,
  method: string | ((...args: unknown[]) => unknown),
  ...given: unknown[]
): (...rest: unknown[]) => Future<unknown> {
  if (typeof method === 'string') return (...rest) => call(pid, method, [...given, ...rest]);
  return (...args) => call(pid, RUN, [() => method(...args)]);
}

/** A call at least `duration` from now. Disposing cancels it until the very turn in which it runs. */
export function delay<T extends Process, K extends MethodName<T>>(
  duration: Duration,
  pid: PID<T>,
  ...call: [method: K, ...args: Arguments<T, K>]
): Disposable {
  const [method, ...args] = call;
  return later(duration, pid, { method, args });
}

interface Invocation {
  readonly method: string;
  readonly args: readonly unknown[];
}

function later(duration: Duration, pid: PID<Process>, call: Invocation): Disposable {
  const process = pid[MAILBOX]?.process;
  if (!process) return { [Symbol.dispose]: () => undefined };
  return process[DELAY](duration, () => invoke(process, call.method, call.args), call);
}

/** The public methods of a process, each as what dispatches it. */
type Calls<T> = {
  readonly [K in keyof T as K extends MethodName<T> ? K : never]: (
    ...args: Arguments<T, K>
  ) => Result<T, K>;
};

/** The same for who awaits no result. */
type Tells<T, R> = {
  readonly [K in keyof T as K extends MethodName<T> ? K : never]: (...args: Arguments<T, K>) => R;
};

/** Methods of these names are reached by `dispatch` only: here they mean the following. */
interface Ways<T> {
  /** Without a result: a method that throws ends its process. */
  readonly tell: Tells<T, void>;
  /** Calls that their caller gives up. Their methods may run all the same. */
  with(limits: CallLimits): Calls<T>;
  /** Calls at least `duration` from now, unless disposed before. */
  after(duration: Duration): Tells<T, Disposable>;
}

/** How long a call through `ref(pid).with(limits)` may take. */
export interface CallLimits {
  /** Without a result for this long the call fails with `TimedOutError`, and is discarded. */
  readonly timeout?: Duration;
  /** When it aborts, the call fails with its reason, and is discarded. */
  readonly signal?: AbortSignal;
}

/** The methods of a process as calls, and the ways to call them otherwise. */
export type Ref<T> = Omit<Calls<T>, keyof Ways<T>> & Ways<T>;

/** `ref(pid).add(1)` is `dispatch(pid, 'add', 1)`. Not awaitable itself, whatever its methods. */
export function ref<T extends Process>(pid: PID<T>): Ref<T> {
  const ways: Ways<T> = {
    tell: methods((method, args) => pid[MAILBOX]?.push(dispatchEvent(method, args))),
    with: (limits) => {
      if (limits.timeout !== undefined) toMs(limits.timeout); // It throws before anything is called.
      return methods((method, args) => limited(pid, { method, args }, limits));
    },
    after: (duration) => methods((method, args) => later(duration, pid, { method, args })),
  };
  return methods((method, args) => call(pid, method, args), ways);
}

function limited(pid: PID<Process>, { method, args }: Invocation, limits: CallLimits) {
  if (limits.signal?.aborted) return Future.failed(limits.signal.reason);
  const result = call(pid, method, args);
  const mailbox = pid[MAILBOX];
  return mailbox
    ? within(result, { ...limits, clock: mailbox.clock, monitor: mailbox.owner })
    : result;
}

/** An object that has every method, save for symbols and `then`; all do the same with their name. */
function methods<V extends object>(
  act: (method: string, args: readonly unknown[]) => unknown,
  others: object = {},
): V {
  const target = Object.create(null) as V; // Empty: the handler answers for every method.
  return new Proxy(target, {
    get: (_target, method) => {
      if (typeof method === 'symbol' || method === 'then') return undefined;
      if (Object.hasOwn(others, method)) return Reflect.get(others, method) as unknown;
      return (...args: readonly unknown[]) => act(method, args);
    },
  });
}
