import type { FuturePromise } from './future.ts';
import type { Request, Response } from './http/http.ts';
import type { Message } from './message.ts';
import type { UPID } from './upid.ts';

export type RouteHandler = (request: Request) => Response | PromiseLike<Response>;

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
}

export interface Route {
  readonly handler: RouteHandler;
  readonly help: RouteHelp | undefined;
}

/** What a mailbox holds. `next` chains the mailbox's queue, so that an event costs one object. */
export type MailboxEvent =
  MessageEvent | DispatchEvent | ThunkEvent | HttpEvent | ExitedEvent | TerminateEvent;

export interface MessageEvent {
  readonly kind: 'message';
  readonly message: Message;
  next: MailboxEvent | undefined;
}

/** A typed call of a public method. */
export interface DispatchEvent {
  readonly kind: 'dispatch';
  readonly method: string;
  readonly args: readonly unknown[];
  /** Undefined when nobody waits for the result. */
  readonly promise: FuturePromise<unknown> | undefined;
  next: MailboxEvent | undefined;
}

/** A continuation: a fired timer or a deferred callback. */
export interface ThunkEvent {
  readonly kind: 'thunk';
  readonly thunk: () => void;
  next: MailboxEvent | undefined;
}

export interface HttpEvent {
  readonly kind: 'http';
  readonly request: Request;
  readonly handler: RouteHandler;
  readonly promise: FuturePromise<Response>;
  next: MailboxEvent | undefined;
}

export interface ExitedEvent {
  readonly kind: 'exited';
  readonly upid: UPID;
  next: MailboxEvent | undefined;
}

export interface TerminateEvent {
  readonly kind: 'terminate';
  next: MailboxEvent | undefined;
}
