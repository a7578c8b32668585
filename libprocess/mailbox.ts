import assert from 'node:assert/strict';
import type { Clock } from './clock.ts';
import type { MailboxEvent } from './event.ts';
import type { Response } from './http/http.ts';
import { internalServerError, serviceUnavailable } from './http/responses.ts';
import { attempt, run, type Future } from './future.ts';
import { CONSUME, EXITED, FINALIZE, INITIALIZE } from './plumbing.ts';
import type { PID } from './pid.ts';
import type { Process } from './process.ts';
import type { Runtime } from './runtime.ts';
import type { Runnable, RunQueue } from './run-queue.ts';

/** What a mailbox tells its node. */
export interface MailboxOwner {
  readonly runtime: Runtime;
  readonly runQueue: RunQueue;
  /** A handler threw: the process ends. */
  faulted(pid: PID<Process>, error: unknown): void;
  /** The handler of an HTTP request threw or failed; the process goes on. */
  requestFailed(pid: PID<Process>, error: unknown): void;
  /** Nothing of the process runs any more. */
  ended(mailbox: Mailbox): void;
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
  readonly #owner: MailboxOwner;
  #head: MailboxEvent | undefined = undefined;
  #tail: MailboxEvent | undefined = undefined;
  #queued = false;
  #state: 'spawned' | 'running' | 'ended' = 'spawned';

  constructor(process: Process, pid: PID<Process>, owner: MailboxOwner) {
    this.process = process;
    this.pid = pid;
    this.#owner = owner;
    this.#enqueue();
  }

  get clock(): Clock {
    return this.#owner.runtime.clock;
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** What waits, oldest first; for `/__processes__`. */
  *events(): Generator<MailboxEvent> {
    for (let event = this.#head; event; event = event.next) yield event;
  }

  /** Appends; false, and nothing happens, if the process has ended. */
  push(event: MailboxEvent): boolean {
    if (this.#state === 'ended') return false;
    if (this.#tail) this.#tail.next = event;
    else this.#head = event;
    this.#tail = event;
    this.#enqueue();
    return true;
  }

  /** Puts `event` before all that waits. */
  inject(event: MailboxEvent): void {
    if (this.#state === 'ended') return;
    event.next = this.#head;
    this.#head = event;
    this.#tail ??= event;
    this.#enqueue();
  }

  #enqueue(): void {
    if (this.#queued) return;
    this.#queued = true;
    this.#owner.runQueue.push(this);
  }

  runSome(quantum: number): number {
    let done = 0;
    if (this.#state === 'spawned') {
      done += 1;
      this.#state = 'running';
      this.#guard(() => this.process[INITIALIZE]());
    }
    while (done < quantum && this.#head) {
      const event: MailboxEvent = this.#head;
      this.#head = event.next;
      if (!this.#head) this.#tail = undefined;
      event.next = undefined;
      done += 1;
      this.#run(event);
    }
    this.#queued = false;
    if (this.#head) this.#enqueue();
    return done;
  }

  #run(event: MailboxEvent): void {
    try {
      this.#consume(event);
    } catch (error) {
      this.#fault(error);
    }
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fault(error);
    }
  }

  #consume(event: MailboxEvent): void {
    switch (event.kind) {
      case 'message':
        event.message.arrival?.handled(event.message);
        return this.process[CONSUME](event.message);
      case 'thunk':
        return event.thunk();
      case 'dispatch':
        return this.#dispatch(event.method, event);
      case 'http':
        return event.promise.associate(this.#answer(event));
      case 'exited':
        return this.process[EXITED](event.upid);
      case 'terminate':
        return this.#end();
    }
  }

  #dispatch(name: string, event: MailboxEvent & { kind: 'dispatch' }): void {
    const method: unknown = Reflect.get(this.process, name);
    assert(typeof method === 'function', `'${this.process.id}' has a method '${name}'`);
    const { promise } = event;
    if (promise) {
      run(promise, (): unknown => Reflect.apply(method, this.process, event.args));
      // Nobody may look at the future: a broken invariant must end the process all the same.
      if (promise.future.error instanceof assert.AssertionError) throw promise.future.error;
    } else {
      Reflect.apply(method, this.process, event.args);
    }
  }

  /** A handler that throws spoils its own answer only: requests are the world's, not ours. */
  #answer(event: MailboxEvent & { kind: 'http' }): Future<Response> {
    return attempt(() => event.handler(event.request)).recover((failed) => {
      if (!failed.isFailed) return serviceUnavailable();
      this.#owner.requestFailed(this.pid, failed.error);
      return internalServerError();
    });
  }

  #fault(error: unknown): void {
    this.#owner.faulted(this.pid, error);
    this.#end();
  }

  #end(): void {
    if (this.#state === 'ended') return;
    try {
      this.process[FINALIZE]();
    } catch (error) {
      this.#owner.faulted(this.pid, error);
    }
    this.#state = 'ended';
    const dropped = this.#head;
    this.#head = this.#tail = undefined;
    this.#owner.ended(this);
    for (let event = dropped; event; event = event.next) drop(event);
  }
}

/** Tells whoever waits that the event will never run. */
export function drop(event: MailboxEvent): void {
  if (event.kind === 'dispatch') event.promise?.abandon();
  else if (event.kind === 'http') event.promise.set(serviceUnavailable());
  else if (event.kind === 'message') event.message.arrival?.handled(event.message);
}
