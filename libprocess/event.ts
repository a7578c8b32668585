import type { FuturePromise } from './future.ts';
import type { Principal } from './http/access/authenticator.ts';
import type { Request, Response } from './http/http.ts';
import type { Message } from './message.ts';
import type { UPID } from './upid.ts';

/** The principal is the one that the authenticator of the route's realm found, if it has both. */
export type RouteHandler = (
  request: Request,
  principal: Principal | undefined,
) => Response | PromiseLike<Response>;

/** What `/help` tells about a route. */
export interface RouteHelp {
  /** One line. */
  readonly summary: string;
  /** Lines of Markdown. */
  readonly description?: readonly string[];
  readonly authentication?: boolean;
  readonly authorization?: readonly string[];
}

export interface RouteOptions {
  readonly help?: RouteHelp;
  /** Whose authenticator looks at requests first; without one there they are let in, by nobody. */
  readonly realm?: string;
  /** The body comes as `request.reader` while it arrives, of any length, and not whole beforehand. */
  readonly requestStreaming?: boolean;
}

export interface Route {
  readonly handler: RouteHandler;
  readonly options: RouteOptions;
}

/**
 * What a mailbox holds. `next` chains the mailbox's queue, so that an event costs one object. All
 * kinds but messages have the same fields in the same order, and so one hidden class: the code that
 * chains and runs them, the hottest of a node, sees two. Make them with the functions below.
 */
export type MailboxEvent =
  Message | DispatchEvent | ThunkEvent | HttpEvent | ExitedEvent | TerminateEvent;

/**
 * Why a linked process is not to be heard of again: it has `ended` (or never was), has `failed`, for a
 * handler of it threw, or is `lost` with the connection to its node, and may be alive.
 */
export type ExitReason = 'ended' | 'failed' | 'lost';
/** What the node of a process knows of its end. */
export type EndReason = Exclude<ExitReason, 'lost'>;

interface Event<K extends string, S, D = undefined, P = undefined> {
  readonly kind: K;
  readonly subject: S;
  readonly detail: D;
  /** Completed by the outcome; undefined when nobody waits for it. */
  readonly promise: P;
  next: MailboxEvent | undefined;
}

/** A call of a public method, by its name. */
export type DispatchEvent = Event<
  'dispatch',
  string,
  readonly unknown[],
  FuturePromise<unknown> | undefined
>;
/** A continuation: a fired timer or a deferred callback; `detail` if it is a call that was delayed. */
export type ThunkEvent = Event<'thunk', () => unknown, DelayedCall | undefined>;
/** A request that has been let in; what answers it knows its principal. */
export type HttpEvent = Event<
  'http',
  Request,
  (request: Request) => Response | PromiseLike<Response>,
  FuturePromise<Response>
>;
export type ExitedEvent = Event<'exited', UPID, ExitReason>;
export type TerminateEvent = Event<'terminate', undefined>;

export interface DelayedCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

export function dispatchEvent(
  subject: string,
  detail: readonly unknown[],
  promise?: FuturePromise<unknown>,
): DispatchEvent {
  return { kind: 'dispatch', subject, detail, promise, next: undefined };
}

export function thunkEvent(subject: () => unknown, detail?: DelayedCall): ThunkEvent {
  return { kind: 'thunk', subject, detail, promise: undefined, next: undefined };
}

export function httpEvent(
  subject: Request,
  detail: HttpEvent['detail'],
  promise: FuturePromise<Response>,
): HttpEvent {
  return { kind: 'http', subject, detail, promise, next: undefined };
}

export function exitedEvent(subject: UPID, detail: ExitReason): ExitedEvent {
  return { kind: 'exited', subject, detail, promise: undefined, next: undefined };
}

export function terminateEvent(): TerminateEvent {
  return {
    kind: 'terminate',
    subject: undefined,
    detail: undefined,
    promise: undefined,
    next: undefined,
  };
}
