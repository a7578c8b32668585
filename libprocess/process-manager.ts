import assert from 'node:assert/strict';
import { dispatch } from './dispatch.ts';
import { MailboxFullError, RuntimeError } from './errors.ts';
import {
  exitedEvent,
  terminateEvent,
  thunkEvent,
  type EndReason,
  type MailboxEvent,
} from './event.ts';
import { EventFilters } from './event-filters.ts';
import { attempt, Future } from './future.ts';
import type { Request, Response } from './http/http.ts';
import { HttpAccess } from './http/access/http-access.ts';
import { HttpRouter } from './http-router.ts';
import { Links } from './links.ts';
import type { Logger } from './logger.ts';
import { Mailbox, type Lifecycle, type MailboxOwner } from './mailbox.ts';
import { BoundedMailbox } from './mailboxes/bounded-mailbox.ts';
import type { Message } from './message.ts';
import { MetricsRegistry } from './metrics/metrics-registry.ts';
import { nodeCounters } from './metrics/node-counters.ts';
import type { NodeObserver } from './node-observer.ts';
import { whatRan, type MailboxWatch } from './observe/mailbox-watch.ts';
import { PID } from './pid.ts';
import { BIND, MAILBOX } from './plumbing.ts';
import { Process } from './process.ts';
import { RunQueue } from './run-queue.ts';
import type { Runtime } from './runtime.ts';
import type { LinkMode, Transport, TransportEvents } from './transport.ts';
import { Tracing } from './tracing/tracing.ts';
import type { UPID } from './upid.ts';

export type { NodeCounters } from './metrics/node-counters.ts';
export type { LinkMode } from './transport.ts';

/** How a process is to be run. */
export interface ProcessOptions {
  /**
   * Messages, calls and requests that may wait. More are refused: messages are dropped, calls fail with
   * `MAILBOX_FULL`, those of other nodes too, and requests are answered with 503. Default: no limit.
   */
  readonly mailboxLimit?: number;
}

/** What a node is made of; `startNode` fills in all but the runtime. */
export interface ProcessManagerOptions {
  readonly runtime: Runtime;
  /** Advertised `ip:port`: the identity of the node and the second half of its UPIDs. */
  readonly address: string;
  /** Process that gets HTTP requests whose first path component names no process. */
  readonly delegate?: string;
  /**
   * An assertion has failed in a process of this node, or in a callback of one of its futures. The process ends, as
   * by any error. Called in a turn of its own: who would rather stop than go on in part, throws. Default: nothing.
   */
  readonly onFatal?: (error: unknown) => void;
}

/** Peers whose malformed messages have been logged; further ones are only counted. */
const MALFORMED_PEERS_LOGGED_MAX = 1_000;

/**
 * One node: its processes, their mailboxes, and the way to other nodes. There may be any number in
 * one operating-system process; nothing is global. `startNode` makes one that listens.
 */
export class ProcessManager implements MailboxOwner, TransportEvents, AsyncDisposable {
  readonly runtime: Runtime;
  readonly address: string;
  readonly runQueue: RunQueue;
  readonly counters = nodeCounters();
  /** What the node shows under `/metrics/snapshot`. */
  readonly metrics: MetricsRegistry;
  /** Who may ask its processes for what, over HTTP. */
  readonly access = new HttpAccess();
  delegate: string | undefined;
  /** For tests: see what comes to the processes of this node, from near or far, and may lose it. */
  readonly filters = new EventFilters(() => {
    this.#guard();
  });
  /** @internal Set with `watchBy`. */
  watch: MailboxWatch | undefined;
  /** Whether anybody sees what is sent. */
  #seen: boolean;
  /** Undefined unless an SDK for traces is registered. */
  readonly tracing: Tracing | undefined;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #router = new HttpRouter({
    access: this.access,
    find: (id) => this.#mailboxes.get(id),
    delegate: () => this.delegate,
    failed: (pid, error) => {
      this.requestFailed(pid, error);
    },
  });
  readonly #links: Links;
  readonly #ordinals = new Map<string, number>();
  readonly #malformedPeers = new Set<string>();
  readonly #logger: Logger;
  readonly #onFatal: ((error: unknown) => void) | undefined;
  readonly #observer: NodeObserver | undefined;
  #transport: Transport | undefined;
  #closed = false;

  constructor(options: ProcessManagerOptions) {
    this.runtime = options.runtime;
    this.address = options.address;
    this.delegate = options.delegate;
    this.runQueue = new RunQueue(options.runtime);
    this.metrics = new MetricsRegistry(options.runtime);
    this.#logger = options.runtime.logger.child('libprocess');
    this.#observer = options.runtime.observe?.(options.address);
    this.#seen = this.#observer !== undefined;
    this.tracing = options.runtime.tracer && new Tracing(this, options.runtime.tracer);
    this.#links = new Links(this.#observer);
    this.#onFatal = options.onFatal ?? options.runtime.onFatal;
  }

  /** Connects the node to others; the node closes the transport. */
  attach(transport: Transport): void {
    assert(!this.#transport, 'a node has one transport');
    this.#transport = transport;
    this.runQueue.onSliceEnd = () => {
      transport.flush();
    };
  }

  /** `prefix(1)`, `prefix(2)` ...: ids that no process of this node has had. */
  generateId(prefix: string): string {
    const ordinal = (this.#ordinals.get(prefix) ?? 0) + 1;
    this.#ordinals.set(prefix, ordinal);
    return `${prefix}(${String(ordinal)})`;
  }

  /**
   * Starts a process; `initialize` runs in a later turn. Throws `ProcessExistsError` if its id is
   * taken, and `RuntimeError` with `NODE_CLOSED` if the node has been closed.
   */
  spawn<T extends Process>(process: T, { mailboxLimit }: ProcessOptions = {}): PID<T> {
    if (this.#closed) throw new RuntimeError('NODE_CLOSED', 'Failed to spawn: the node is closed');
    const pid: PID<T> = process[BIND](this);
    const mailbox =
      mailboxLimit === undefined
        ? new Mailbox(process, pid, this)
        : new BoundedMailbox(process, pid, this, mailboxLimit);
    pid[MAILBOX] = mailbox;
    this.#mailboxes.set(pid.id, mailbox);
    this.#observer?.spawned(pid);
    return pid;
  }

  /** Ends a process: before all that waits in its mailbox, or after it with `inject: false`. */
  terminate(upid: UPID, options: { readonly inject?: boolean } = {}): void {
    const mailbox = this.#find(upid);
    if (options.inject ?? true) mailbox?.inject(terminateEvent());
    else mailbox?.push(terminateEvent());
  }

  /** Ready once the process has ended; at once if there is none. */
  wait(upid: UPID): Future<void> {
    return this.#find(upid)?.whenEnded() ?? Future.ready();
  }

  send(message: Message): void {
    if (this.#seen) this.#tellSent(message);
    if (message.to.address === this.address) this.deliver(message);
    else this.#transport?.send(message);
  }

  /** @internal */
  arrived(event: () => void): void {
    this.runQueue.runNow(event);
  }

  /** @internal */
  flushSoon(): void {
    this.runQueue.ensureSlice();
  }

  /** Messages are for names: one to a process that has ended goes to its successor, if any. */
  deliver(message: Message): void {
    const { to } = message;
    const known = to instanceof PID ? (to as PID<Process>)[MAILBOX] : undefined;
    if (known?.owner === this && known.push(message)) {
      this.#observer?.delivered(message);
      return;
    }
    const mailbox = this.#mailboxes.get(to.id);
    if (mailbox !== known && mailbox?.push(message)) {
      this.#observer?.delivered(message);
      return;
    }
    this.#observer?.undelivered(message);
    if (!mailbox || mailbox.ended) this.counters.undeliverableMessages += 1;
    message.arrival?.handled(message);
  }

  /** Whether a process of that id runs here. */
  has(id: string): boolean {
    return this.#mailboxes.has(id);
  }

  processes(): IterableIterator<Mailbox> {
    return this.#mailboxes.values();
  }

  /** How many events of a kind wait in the mailbox of a process; 0 if there is none. */
  waiting(upid: UPID, kind: MailboxEvent['kind']): number {
    let count = 0;
    for (const event of this.#find(upid)?.events() ?? []) if (event.kind === kind) count += 1;
    return count;
  }

  link(linker: UPID, to: UPID, mode: LinkMode): void {
    const from = this.#find(linker);
    if (!from) return;
    this.#observer?.linked(from.pid, to, mode);
    if (to.address === this.address && !this.#find(to)) {
      if (from.push(exitedEvent(to, 'ended'))) this.#observer?.exited(from.pid, to);
      return;
    }
    this.#links.add(from, to);
    if (to.address === this.address) return;
    if (this.#transport) this.#transport.link(to, mode);
    else this.lost(to.address);
  }

  /** Whether a process will hear `exited` of another: it has linked, since it heard last. */
  linked(linker: UPID, to: UPID): boolean {
    const from = this.#find(linker);
    return from !== undefined && this.#links.holds(from, to);
  }

  /** Runs `thunk` in a turn of a process, unless it ends before. */
  post(upid: UPID, thunk: () => void): void {
    this.#find(upid)?.push(thunkEvent(thunk));
  }

  /** Runs `work` in a turn of no other process. Abandoned if the node closes before its end. */
  async<R>(work: () => R | PromiseLike<R>): Future<R> {
    if (this.#closed) return Future.abandoned('the node is closed');
    return dispatch(this.spawn(new OneShot(work)), 'run') as Future<R>;
  }

  /** Answers a request: by the process that its path names, if the firewall and `access` let it in. */
  http(request: Request): Future<Response> {
    return this.#router.answer(request);
  }

  /** Whether the process that will answer takes the body as it comes. */
  streams(request: Request): boolean {
    return this.#router.streams(request);
  }

  /** The realm of the route that will answer, if it has one. */
  realm(request: Request): string | undefined {
    return this.#router.realm(request);
  }

  /** A PID means one process and no successor; a UPID means whichever has the name now. */
  #find(upid: UPID): Mailbox | undefined {
    const mailbox = upid instanceof PID ? (upid as PID<Process>)[MAILBOX] : undefined;
    if (mailbox) return mailbox.ended ? undefined : mailbox;
    return this.#mailboxes.get(upid.id);
  }

  /** @internal From now on `watch` sees what the mailboxes do; use `watchMailboxes`. */
  watchBy(watch: MailboxWatch | undefined): void {
    this.watch = watch;
    this.#seen = watch !== undefined || this.#observer !== undefined;
    this.#guard();
  }

  #guard(): void {
    const on = this.filters.any || this.watch !== undefined;
    for (const mailbox of this.#mailboxes.values()) mailbox.guard(on);
  }

  #tellSent(message: Message): void {
    this.#observer?.sent(message);
    this.watch?.sent?.(message);
  }

  /** @internal A message did not decode. */
  malformed(message: Message, error: unknown): void {
    this.counters.malformedMessages += 1;
    const peer = message.from.toString();
    const known = this.#malformedPeers;
    if (known.has(peer) || known.size >= MALFORMED_PEERS_LOGGED_MAX) return;
    known.add(peer);
    this.#logger.warn('Dropped a malformed message; further ones of this peer are only counted', {
      name: message.name,
      from: peer,
      to: message.to.toString(),
      error,
    });
  }

  /** @internal */
  faulted(pid: PID<Process>, error: unknown, during: MailboxEvent | Lifecycle): void {
    this.counters.faults += 1;
    this.#logger.error('A handler threw; the process ends', {
      pid: pid.toString(),
      ...whatRan(during),
      error,
    });
    this.#checkFatal(error);
  }

  /** @internal A callback of a future that belongs to this node threw. */
  callbackThrew(error: unknown): void {
    this.counters.faults += 1;
    this.#logger.error('A callback of a future threw', { error });
    this.#checkFatal(error);
  }

  /** @internal */
  failedUnobserved(error: unknown): void {
    this.counters.unobservedFailures += 1;
    // What a full mailbox refuses has had its line: further ones would flood the log.
    if (error instanceof MailboxFullError) return;
    this.#logger.warn('A dispatched call failed and nobody has looked at its future', { error });
  }

  /** @internal */
  failureObserved(): void {
    this.counters.unobservedFailures -= 1;
  }

  /** @internal */
  refused(pid: PID<Process>): void {
    this.counters.refusedEvents += 1;
    if (this.counters.refusedEvents > 1) return;
    this.#logger.warn('A mailbox is full; what it refuses is counted', { pid: pid.toString() });
  }

  #checkFatal(error: unknown): void {
    const onFatal = this.#onFatal;
    if (!onFatal || !(error instanceof assert.AssertionError)) return;
    this.runtime.schedule(() => {
      onFatal(error);
    });
  }

  /** @internal */
  requestFailed(pid: PID<Process>, error: unknown): void {
    this.#logger.error('An HTTP handler failed', { pid: pid.toString(), error });
  }

  /** @internal A process ended: one of ours (its mailbox), or another node's (its UPID). */
  ended(which: Mailbox | UPID, reason: EndReason): void {
    if (!(which instanceof Mailbox)) {
      this.#links.ended(which, reason);
      return;
    }
    this.#mailboxes.delete(which.pid.id);
    this.#links.removeLinker(which);
    this.#links.ended(which.pid, reason);
    this.#transport?.ended(which.pid, reason);
    this.#observer?.ended(which.pid);
    this.watch?.ended?.(which);
  }

  lost(address: string): void {
    this.#links.lost(address);
    this.#observer?.lost(address);
  }

  /**
   * Ends all processes, newest first and before anything that waits in their mailboxes, then the
   * transport.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.resolve(); // The turn that closes the node, if it is one, must be over.
    for (const mailbox of [...this.#mailboxes.values()].reverse()) mailbox.endNow();
    this.#transport?.flush();
    await this.#transport?.[Symbol.asyncDispose]();
  }
}

/** Runs one piece of work, and lives until its outcome is there. */
class OneShot<R> extends Process {
  readonly #work: () => R | PromiseLike<R>;

  constructor(work: () => R | PromiseLike<R>) {
    super((node) => node.generateId('__async__'));
    this.#work = work;
  }

  run(): Future<R> {
    const result = attempt(this.#work);
    if (result.error instanceof assert.AssertionError) throw result.error;
    return result.onSettled(() => {
      this.node.terminate(this.self, { inject: false });
    });
  }
}
