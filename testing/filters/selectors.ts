import type { Arguments, MethodName } from '../../libprocess/dispatch.ts';
import type { MailboxEvent } from '../../libprocess/event.ts';
import type { Request } from '../../libprocess/http/http.ts';
import { MAILBOX } from '../../libprocess/plumbing.ts';
import type { Message, MessageType } from '../../libprocess/message.ts';
import { PID } from '../../libprocess/pid.ts';
import type { Process } from '../../libprocess/process.ts';
import type { UPID } from '../../libprocess/upid.ts';

/** A process by its address, or all of an id, such as `slave(1)`, wherever they run. */
export type Address = UPID | string;

/** A process, or all processes of a class. */
export type Target<T extends Process> = PID<T> | (abstract new (...args: never[]) => T);

/** Which messages are meant: those to which all of it applies. */
export interface WhichMessage<M> {
  readonly from?: Address;
  readonly to?: Address;
  readonly when?: (body: M, message: Message) => boolean;
}

/** Which HTTP requests are meant: those to which all of it applies. */
export interface WhichRequest {
  /** The process that will answer. */
  readonly to?: Address;
  /** As the client writes it, the id of the process included. */
  readonly path?: string | RegExp;
  readonly method?: string;
  readonly when?: (request: Request) => boolean;
}

/** Which ends of processes are meant: those to which all of it applies. */
export interface WhichExit {
  /** Who has ended, or is out of reach. */
  readonly from?: Address;
  /** Who is told. */
  readonly to?: Address;
}

/** Which events are meant, and what of them a test wants to see. */
export interface Selector<T> {
  /** For people: `message 'ping' to counter(1)`. */
  readonly what: string;
  /** Undefined if the event is not meant. May throw what the test's own condition throws. */
  readonly pick: (event: MailboxEvent, to: PID<Process>) => { readonly value: T } | undefined;
}

export function messages<M>(type: MessageType<M>, which: WhichMessage<M>): Selector<M> {
  const { from, to, when = () => true } = which;
  return {
    what: `message '${type.fullName}'${route(from, to)}`,
    pick: (event, receiver) => {
      if (event.kind !== 'message' || event.name !== type.fullName) return undefined;
      if (!isMeant(from, event.from) || !isMeant(to, receiver)) return undefined;
      const body = decoded(event, type);
      return body && when(body.value, event) ? body : undefined;
    },
  };
}

/** What does not decode is not of the type; its receiver will say so. */
function decoded<M>(message: Message, type: MessageType<M>): { readonly value: M } | undefined {
  try {
    return { value: message.as(type) };
  } catch {
    return undefined;
  }
}

export function namedMessages(name: string, which: WhichMessage<Message>): Selector<Message> {
  const { from, to, when = () => true } = which;
  return {
    what: `message '${name}'${route(from, to)}`,
    pick: (event, receiver) => {
      if (event.kind !== 'message' || event.name !== name) return undefined;
      const meant = isMeant(from, event.from) && isMeant(to, receiver) && when(event, event);
      return meant ? { value: event } : undefined;
    },
  };
}

/** Calls of a method, delayed ones too: when their time has come. */
export function dispatches<T extends Process, K extends MethodName<T>>(
  target: Target<T>,
  method: K,
  when: (...args: Arguments<T, K>) => boolean = () => true,
): Selector<Arguments<T, K>> {
  const who = target instanceof PID ? target.toString() : `any ${target.name}`;
  return {
    what: `call ${method}() of ${who}`,
    pick: (event, to) => {
      const call = callOf(event);
      if (call?.method !== method || !isOf(target, to)) return undefined;
      const args = call.args as Arguments<T, K>; // Of the target's method of that name.
      return when(...args) ? { value: args } : undefined;
    },
  };
}

export function requests(which: WhichRequest): Selector<Request> {
  const { to, path, method, when = () => true } = which;
  const named = path === undefined ? '' : ` ${String(path)}`;
  return {
    what: `request${method === undefined ? '' : ` ${method}`}${named}${route(undefined, to)}`,
    pick: (event, receiver) => {
      if (event.kind !== 'http' || !isMeant(to, receiver)) return undefined;
      const request = event.subject;
      if (method !== undefined && request.method !== method) return undefined;
      const there = path instanceof RegExp ? request.path.search(path) >= 0 : path === request.path;
      return (path === undefined || there) && when(request) ? { value: request } : undefined;
    },
  };
}

export function exits({ from, to }: WhichExit): Selector<UPID> {
  return {
    what: `exited${from === undefined ? '' : ` of ${String(from)}`}${route(undefined, to)}`,
    pick: (event, linker) => {
      if (event.kind !== 'exited') return undefined;
      const meant = isMeant(from, event.subject) && isMeant(to, linker);
      return meant ? { value: event.subject } : undefined;
    },
  };
}

/** The call that an event is; undefined for other events. */
export function callOf(
  event: MailboxEvent,
): { readonly method: string; readonly args: readonly unknown[] } | undefined {
  if (event.kind === 'dispatch') return { method: event.subject, args: event.detail };
  return event.kind === 'thunk' ? event.detail : undefined;
}

function isOf<T extends Process>(target: Target<T>, to: PID<Process>): boolean {
  if (!(target instanceof PID)) return to[MAILBOX]?.process instanceof target;
  return target === to || (target[MAILBOX] === undefined && to.equals(target));
}

function isMeant(wanted: Address | undefined, upid: UPID): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === 'string' ? wanted === upid.id : wanted.equals(upid);
}

function route(from: Address | undefined, to: Address | undefined): string {
  const source = from === undefined ? '' : ` from ${String(from)}`;
  return to === undefined ? source : `${source} to ${String(to)}`;
}
