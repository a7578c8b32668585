import { setTimeout as sleep } from 'node:timers/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Millis } from '../../libprocess/clock.ts';
import { printDuration, type Duration } from '../../libprocess/duration.ts';
import { Future } from '../../libprocess/future.ts';
import type { Response } from '../../libprocess/http/http.ts';
import type { ExitStatus } from '../../libprocess/subprocess.ts';
import { ActorTestError } from './actor-test-error.ts';
import { spanMs } from '../duration.ts';
import type { Caught } from '../filters/caught.ts';

/** How long a test waits for a future, if it does not say. libprocess's own. */
const WAITS: Duration = '15secs';

/** What lets time pass until something holds, as a `TestClock` does. */
export interface Waiting {
  waitUntil(done: () => boolean, withinMs: Millis): Promise<boolean>;
}

/** How patient an assertion is. */
export interface AwaitOptions {
  /** Default: 15 s. */
  readonly within?: Duration;
}

/** What a response must have; what is left out may be anything. */
export interface ExpectedResponse {
  readonly status?: number;
  readonly body?: string | RegExp;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** What a test awaits: a future, or what a filter catches. */
export type Awaitable<T> = Future<T> | Caught<T>;

/**
 * Each waits until a future has ended, 15 s at most, and throws an `ActorTestError` unless it ended as the
 * name says. The time is that of `clock`; where it is paused or simulated, no real time is needed.
 */
export interface Assertions {
  /** The value. */
  readonly awaitReady: <T>(future: Awaitable<T>, options?: AwaitOptions) => Promise<T>;
  /** The error. */
  readonly awaitFailed: (future: Awaitable<unknown>, options?: AwaitOptions) => Promise<unknown>;
  readonly awaitDiscarded: (future: Awaitable<unknown>, options?: AwaitOptions) => Promise<void>;
  readonly awaitAbandoned: (future: Awaitable<unknown>, options?: AwaitOptions) => Promise<void>;
  /** The value must equal `expected` in depth, types and prototypes included. */
  readonly awaitEq: <T>(expected: T, future: Awaitable<T>, options?: AwaitOptions) => Promise<T>;
  readonly awaitTrue: (future: Awaitable<boolean>, options?: AwaitOptions) => Promise<void>;
  readonly awaitFalse: (future: Awaitable<boolean>, options?: AwaitOptions) => Promise<void>;
  /** What is not expected of a response may be anything. */
  readonly awaitResponse: (
    expected: ExpectedResponse,
    future: Awaitable<Response>,
    options?: AwaitOptions,
  ) => Promise<Response>;
  /** A subprocess ended by itself; with this code, if one is given. */
  readonly awaitExited: (
    code: number | undefined,
    future: Awaitable<ExitStatus>,
    options?: AwaitOptions,
  ) => Promise<void>;
  /** A signal has ended a subprocess. */
  readonly awaitSignaled: (
    signal: string,
    future: Awaitable<ExitStatus>,
    options?: AwaitOptions,
  ) => Promise<void>;
}

const LOOKS_EVERY_MS = 2;

const REAL: Waiting = {
  async waitUntil(done, withinMs) {
    const untilMs = performance.now() + withinMs;
    while (!done()) {
      if (performance.now() >= untilMs) return false;
      await sleep(LOOKS_EVERY_MS);
    }
    return true;
  },
};

/** The assertions for nodes whose time is that of `clock`; without one, it is the real time. */
export function assertions(clock: Waiting = REAL): Assertions {
  const awaitReady: Assertions['awaitReady'] = async (awaited, options) => {
    const future = futureOf(awaited);
    await ended(clock, awaited, options);
    if (future.isReady) return future.value;
    throw otherwise('ready', awaited);
  };
  const awaitEq: Assertions['awaitEq'] = async (expected, awaited, options) => {
    const value = await awaitReady(awaited, options);
    if (isDeepStrictEqual(value, expected)) return value;
    throw new ActorTestError('OTHERWISE', `The future is ${print(value)}, not ${print(expected)}`);
  };
  const awaitEnd = async (
    awaited: Awaitable<unknown>,
    state: 'failed' | 'discarded' | 'abandoned',
    options?: AwaitOptions,
  ): Promise<void> => {
    await ended(clock, awaited, options);
    if (stateOf(futureOf(awaited)) !== state) throw otherwise(state, awaited);
  };
  return {
    awaitReady,
    awaitEq,
    awaitFailed: async (awaited, options) => {
      await awaitEnd(awaited, 'failed', options);
      return futureOf(awaited).error;
    },
    awaitDiscarded: (awaited, options) => awaitEnd(awaited, 'discarded', options),
    awaitAbandoned: (awaited, options) => awaitEnd(awaited, 'abandoned', options),
    awaitTrue: async (awaited, options) => {
      await awaitEq(true, awaited, options);
    },
    awaitFalse: async (awaited, options) => {
      await awaitEq(false, awaited, options);
    },
    awaitResponse: async (expected, awaited, options) => {
      const response = await awaitReady(awaited, options);
      const wrong = differences(expected, response);
      if (wrong.length === 0) return response;
      throw new ActorTestError('OTHERWISE', `${wrong.join('; ')}\n${printResponse(response)}`);
    },
    awaitExited: async (code, awaited, options) => {
      const status = await awaitReady(awaited, options);
      if (status.code !== undefined && (code === undefined || status.code === code)) return;
      const wanted = code === undefined ? 'by itself' : `with code ${String(code)}`;
      throw new ActorTestError('OTHERWISE', `${printStatus(status)}, and not ${wanted}`);
    },
    awaitSignaled: async (signal, awaited, options) => {
      const status = await awaitReady(awaited, options);
      if (status.signal === signal) return;
      throw new ActorTestError('OTHERWISE', `${printStatus(status)}, and not by ${signal}`);
    },
  };
}

const futureOf = <T>(awaited: Awaitable<T>): Future<T> =>
  awaited instanceof Future ? awaited : awaited.future;

/** Waits until the future is no longer pending, or abandoned. */
async function ended(
  clock: Waiting,
  awaited: Awaitable<unknown>,
  { within = WAITS }: AwaitOptions = {},
): Promise<void> {
  futureOf(awaited).onSettled(() => undefined); // Somebody looks at it, whatever becomes of it.
  const over = (): boolean => stateOf(futureOf(awaited)) !== 'pending';
  if (over() || (await clock.waitUntil(over, spanMs(within)))) return;
  const message = `Waited ${printDuration(spanMs(within))} in vain for ${explain(awaited)}`;
  throw new ActorTestError('NEVER', message);
}

const explain = (awaited: Awaitable<unknown>): string =>
  awaited instanceof Future ? 'a future, which is pending' : awaited.explain();

const stateOf = (future: Future<unknown>): string =>
  future.isAbandoned ? 'abandoned' : future.state;

function otherwise(wanted: string, awaited: Awaitable<unknown>): ActorTestError {
  const future = futureOf(awaited);
  const state = stateOf(future);
  const { error } = future;
  const detail =
    state === 'ready' ? `: ${print(future.value)}` : state === 'failed' ? `: ${print(error)}` : '';
  const what = awaited instanceof Future ? 'The future' : `The future of a ${explain(awaited)}`;
  return new ActorTestError('OTHERWISE', `${what} is ${state}, not ${wanted}${detail}`, error);
}

const print = (value: unknown): string =>
  value instanceof Error ? `${value.name}: ${value.message}` : inspect(value);

const printStatus = ({ code, signal }: ExitStatus): string =>
  `The process has ended ${signal === undefined ? `with code ${String(code)}` : `by ${signal}`}`;

function differences({ status, body, headers = {} }: ExpectedResponse, is: Response): string[] {
  const wrong: string[] = [];
  if (status !== undefined && is.status !== status)
    wrong.push(`Status is ${String(is.status)}, not ${String(status)}`);
  const text = bodyOf(is);
  const fits =
    body instanceof RegExp ? text.search(body) >= 0 : body === undefined || body === text;
  if (!fits) wrong.push(`Body is not ${body instanceof RegExp ? String(body) : print(body)}`);
  const names = new Map(Object.entries(is.headers).map(([name, v]) => [name.toLowerCase(), v]));
  for (const [name, value] of Object.entries(headers)) {
    const found = names.get(name.toLowerCase());
    if (found !== value) wrong.push(`Header '${name}' is ${print(found)}, not ${print(value)}`);
  }
  return wrong;
}

const bodyOf = ({ body }: Response): string =>
  body instanceof Uint8Array ? new TextDecoder().decode(body) : '(streams)';

const printResponse = (response: Response): string =>
  `The response was ${String(response.status)} ${print(bodyOf(response))}`;

const byRealTime = assertions();

/** Waits for the value of a future, by the real clock as all of these. */
export const awaitReady: Assertions['awaitReady'] = byRealTime.awaitReady;
/** Waits for the error of a future. */
export const awaitFailed: Assertions['awaitFailed'] = byRealTime.awaitFailed;
/** Waits until a future has been discarded: a request alone is not enough. */
export const awaitDiscarded: Assertions['awaitDiscarded'] = byRealTime.awaitDiscarded;
/** Waits until nobody can complete a future any more. */
export const awaitAbandoned: Assertions['awaitAbandoned'] = byRealTime.awaitAbandoned;
/** Waits for a value that equals `expected` in depth. */
export const awaitEq: Assertions['awaitEq'] = byRealTime.awaitEq;
/** Waits for `true`. */
export const awaitTrue: Assertions['awaitTrue'] = byRealTime.awaitTrue;
/** Waits for `false`. */
export const awaitFalse: Assertions['awaitFalse'] = byRealTime.awaitFalse;
/** Waits for a response that has what is expected; the rest may be anything. */
export const awaitResponse: Assertions['awaitResponse'] = byRealTime.awaitResponse;
/** Waits for the end of a subprocess that no signal has caused; with this code, if one is given. */
export const awaitExited: Assertions['awaitExited'] = byRealTime.awaitExited;
/** Waits for the end of a subprocess by a signal. */
export const awaitSignaled: Assertions['awaitSignaled'] = byRealTime.awaitSignaled;
