import assert from 'node:assert/strict';
import type { Clock } from './clock.ts';
import {
  terminateEvent,
  thunkEvent,
  type DispatchEvent,
  type EndReason,
  type HttpEvent,
  type MailboxEvent,
} from './event.ts';
import { checkedAnswer, closeBody } from './http/answer.ts';
import { NoSuchMethodError } from './errors.ts';
import type { Response } from './http/http.ts';
import { PipeReader } from './http/pipe.ts';
import { internalServerError, serviceUnavailable } from './http/responses.ts';
import type { EventFilters } from './event-filters.ts';
import { attempt, Future, FuturePromise, isPromiseLike, type FutureMonitor } from './future.ts';
import type { MailboxWatch } from './observe/mailbox-watch.ts';
import { CONSUME, EXITED, FINALIZE, INITIALIZE, isOwn } from './plumbing.ts';
import type { PID } from './pid.ts';
import type { Process } from './process.ts';
import type { Runtime } from './runtime.ts';
import type { Runnable, RunQueue } from './run-queue.ts';

/** What runs of a process besides its events. */
export type Lifecycle = 'initialize' | 'finalize';

/** What a mailbox tells its node. None of it may throw. */
export interface MailboxOwner extends FutureMonitor {
  readonly runtime: Runtime;
  readonly runQueue: RunQueue;
  /** Judge what comes to a mailbox that has been told to `guard`. */
  readonly filters: EventFilters;
  /** Sees what the mailboxes do; undefined unless somebody has asked for it. */
  readonly watch: MailboxWatch | undefined;
  /** A handler threw, and the process ends: that of an event, or `initialize`, or `finalize`. */
  faulted(pid: PID<Process>, error: unknown, during: MailboxEvent | Lifecycle): void;
  /** The handler of an HTTP request threw or failed; the process goes on. */
  requestFailed(pid: PID<Process>, error: unknown): void;
  /** A bounded mailbox was full. */
  refused(pid: PID<Process>): void;
  /** Nothing of the process runs any more. */
  ended(mailbox: Mailbox, reason: EndReason): void;
}

/**
 * The queue of one process and the only thing that runs it: one event at a time, each to its end.
 *
 * ```
 *   spawned ── initialize ──► running ── terminate, or a handler threw ──► ended (after finalize)
 * ```
 */
export class Mailbox implements Runnable {
  nextRunnable: Runnable | undefined = undefined;
  readonly process: Process;
  readonly pid: PID<Process>;
  readonly owner: MailboxOwner;
  #head: MailboxEvent | undefined = undefined;
  #tail: MailboxEvent | undefined = undefined;
  #queued = false;
  #initialized = false;
  #ended = false;
  /** Not all that comes gets in unseen: the process has ended, or there are filters or a watch. */
  #guarded: boolean;
  /** Handled, but their outcome is still to come. */
  #unanswered: Set<DispatchEvent | HttpEvent> | undefined = undefined;
  #waiters: FuturePromise<void> | undefined = undefined;

  constructor(process: Process, pid: PID<Process>, owner: MailboxOwner) {
    this.process = process;
    this.pid = pid;
    this.owner = owner;
    this.#guarded = owner.filters.any || owner.watch !== undefined;
    this.#enqueue();
  }

  get clock(): Clock {
    return this.owner.runtime.clock;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Ready once nothing of the process runs any more. */
  whenEnded(): Future<void> {
    if (this.#ended) return Future.ready();
    return (this.#waiters ??= new FuturePromise<void>()).future;
  }

  /** What waits, oldest first; for `/__processes__`. */
  *events(): Generator<MailboxEvent> {
    for (let event = this.#head; event; event = event.next) yield event;
  }

  /** Whether filters judge what comes from now on, or a watch sees it. */
  guard(on: boolean): void {
    this.#guarded = on || this.#ended;
  }

  /** Appends; false, and nothing happens, if the process has ended or a filter drops the event. */
  push(event: MailboxEvent): boolean {
    if (this.#guarded && !this.#admits(event)) return false;
    if (this.#tail) this.#tail.next = event;
    else this.#head = event;
    this.#tail = event;
    if (!this.#queued) this.#enqueue();
    return true;
  }

  #admits(event: MailboxEvent): boolean {
    if (this.#ended || this.owner.filters.judge(event, this.pid) !== 'deliver') return false;
    this.owner.watch?.queued?.(this, event);
    return true;
  }

  /** Puts `event` before all that waits. */
  inject(event: MailboxEvent): void {
    if (this.#ended) return;
    event.next = this.#head;
    this.#head = event;
    this.#tail ??= event;
    if (!this.#queued) this.#enqueue();
  }

  /** Ends the process here and now. Not for use within a turn. */
  endNow(): void {
    this.inject(terminateEvent());
    this.runSome(2); // It may still have to initialize.
  }

  #enqueue(): void {
    this.#queued = true;
    this.owner.runQueue.push(this);
  }

  runSome(quantum: number): number {
    let done = 0;
    let event: MailboxEvent | undefined;
    try {
      if (!this.#initialized) {
        done += 1;
        this.#initialized = true;
        this.#initialize();
      }
      const watch = this.#guarded ? this.owner.watch : undefined;
      for (event = this.#head; event && done < quantum; event = this.#head) {
        this.#head = event.next;
        if (!event.next) this.#tail = undefined;
        event.next = undefined;
        done += 1;
        const given = watch ? this.#consumeWatched(event, watch) : this.#consume(event);
        if (given !== undefined) this.#follow(given);
      }
    } catch (error) {
      this.owner.faulted(this.pid, error, event ?? 'initialize');
      this.#end('failed');
    }
    this.#queued = false;
    if (this.#head) this.#enqueue();
    return done;
  }

  #initialize(): void {
    const initialize = (): void => {
      this.#follow(this.process[INITIALIZE]());
    };
    if (this.owner.watch) this.owner.watch.turn(this, thunkEvent(initialize), initialize);
    else initialize();
  }

  #consumeWatched(event: MailboxEvent, watch: MailboxWatch): unknown {
    let given: unknown;
    watch.turn(this, event, () => {
      given = this.#consume(event);
    });
    return given;
  }

  /**
   * Handlers return nothing, but JavaScript lets them be `async`. A rejection that nobody takes would end the
   * program, and a peer may have brought it about: it is what throwing is, in a turn of its own.
   */
  #follow(given: unknown): void {
    if (!isPromiseLike(given) || given instanceof Future) return;
    given.then(undefined, (error: unknown) => {
      if (this.#ended) this.owner.faulted(this.pid, error, 'finalize');
      else this.inject(thunkEvent(() => rethrow(error)));
    });
  }

  /** What the handler has returned. */
  #consume(event: MailboxEvent): unknown {
    switch (event.kind) {
      case 'message':
        event.arrival?.handled(event);
        return this.process[CONSUME](event);
      case 'thunk':
        return event.subject();
      case 'dispatch':
        return this.#dispatch(event);
      case 'http':
        this.#serve(event);
        return undefined;
      case 'exited':
        return this.process[EXITED](event.subject, event.detail);
      case 'terminate':
        this.#end('ended');
        return undefined;
    }
  }

  /** Without a promise the call is a message like others: a method that throws ends the process. */
  #dispatch(event: DispatchEvent): unknown {
    const { promise } = event;
    if (!promise) return invoke(this.process, event.subject, event.detail);
    let result: unknown;
    try {
      result = invoke(this.process, event.subject, event.detail);
    } catch (error) {
      promise.fail(error);
      this.owner.watch?.answers?.(Future.failed(error));
      // Nobody may look at the future: a broken invariant must end the process all the same.
      if (error instanceof assert.AssertionError) throw error;
      return undefined;
    }
    if (isPromiseLike(result)) {
      const outcome = Future.from(result);
      promise.associate(outcome);
      this.owner.watch?.answers?.(outcome);
      this.#await(event);
    } else {
      promise.set(result);
    }
    return undefined;
  }

  /** Remembers what is still to come: whoever waits for it must hear of the process's end. */
  #await(event: DispatchEvent | HttpEvent): void {
    const future: Future<unknown> | undefined = event.promise?.future;
    if (!future?.isPending) return;
    const unanswered = (this.#unanswered ??= new Set());
    unanswered.add(event);
    future.onSettled(() => unanswered.delete(event));
  }

  #serve(event: HttpEvent): void {
    const answer = this.#answer(event);
    event.promise.associate(answer);
    this.#await(event);
    if (!answer.isPending) return;
    // After the end of the process the client has been answered: nobody else would close this body.
    answer.onReady((late) => {
      const told = event.promise.future;
      if (late.body instanceof PipeReader && !(told.isReady && told.value === late)) {
        late.body.close();
      }
    });
  }

  /** A handler that throws, or gives what is no answer, spoils its own answer only: requests are the world's, not ours. */
  #answer(event: HttpEvent): Future<Response> {
    const { subject: request, detail: handler } = event;
    const given = attempt(() => handler(request));
    const answer = given
      .then((value) => checkedAnswer(request, value))
      .recover((failed) => {
        if (!failed.isFailed) return serviceUnavailable();
        this.owner.requestFailed(this.pid, failed.error);
        return internalServerError();
      });
    // Where the client has left, what comes all the same is passed on to nobody.
    answer.onAny(() => {
      given.onReady((late) => {
        if (!(answer.isReady && answer.value === late)) closeBody(late);
      });
    });
    return answer;
  }

  #end(why: EndReason): void {
    if (this.#ended) return;
    let reason = why;
    try {
      this.#follow(this.process[FINALIZE]());
    } catch (error) {
      this.owner.faulted(this.pid, error, 'finalize');
      reason = 'failed';
    }
    this.#ended = this.#guarded = true;
    const dropped = this.#head;
    this.#head = this.#tail = undefined;
    this.owner.ended(this, reason);
    for (let event = dropped; event; event = event.next) drop(event, this.pid);
    for (const event of this.#unanswered ?? []) drop(event, this.pid);
    this.#waiters?.set(undefined);
  }
}

/**
 * Calls a method by its name: what `dispatch` does in the end. Throws `NoSuchMethodError`, which only
 * programs without types meet.
 */
export function invoke(process: Process, name: string, args: readonly unknown[]): unknown {
  const method: unknown = Reflect.get(process, name);
  if (typeof method !== 'function' || isOwn(name, method)) {
    throw new NoSuchMethodError(process.id, name);
  }
  return Reflect.apply(method, process, args);
}

function rethrow(error: unknown): never {
  throw error;
}

/** Tells whoever waits that the event will never run, or that its outcome will never come. */
function drop(event: MailboxEvent, pid: PID<Process>): void {
  if (event.kind === 'dispatch')
    event.promise?.abandon(
      `'${pid.toString()}' ended with a call of '${event.subject}' unanswered`,
    );
  else if (event.kind === 'http') event.promise.set(serviceUnavailable());
  else if (event.kind === 'message') event.arrival?.handled(event);
}
