import assert from 'node:assert/strict';
import { toMs, type Duration } from './duration.ts';
import { ProcessExistsError } from './errors.ts';
import {
  thunkEvent,
  type DelayedCall,
  type ExitReason,
  type Route,
  type RouteHandler,
  type RouteOptions,
} from './event.ts';
import type { Future } from './future.ts';
import { serveAsset } from './http/files/asset.ts';
import type { Request, Response } from './http/http.ts';
import { percentDecoded } from './http/percent.ts';
import { Message, type MessageType } from './message.ts';
import { PID } from './pid.ts';
import {
  BIND,
  CONSUME,
  DELAY,
  EXITED,
  FINALIZE,
  INITIALIZE,
  INSTALL,
  keepOwn,
  MAILBOX,
  REFUSED,
  ROUTES,
  RUN,
  SENDER,
} from './plumbing.ts';
import type { LinkMode, ProcessManager } from './process-manager.ts';
import { unservedCall } from './remote/unserved-call.ts';
import { RESULT } from './remote/wire.ts';
import type { Runtime } from './runtime.ts';
import type { UPID } from './upid.ts';

/** Makes the id of a process when it is spawned, for example `(node) => node.generateId('echo')`. */
export type IdGenerator = (node: ProcessManager) => string;

/**
 * An actor. Subclass it, `spawn` an instance on a node, and talk to it by its PID: messages,
 * dispatched calls, timers, HTTP requests and exits reach it one at a time, each handled to its end
 * before the next. Handlers are never `async`: what takes time comes back through `defer`.
 *
 * Life: constructor, `initialize`, events, `finalize`, nothing more. A handler that throws ends the
 * process, and its linkers get `exited`; so does one that is `async` all the same, and rejects.
 */
export abstract class Process {
  // What every message touches stands first, so that it shares cache lines.
  #self: PID<this> | undefined = undefined;
  #node: ProcessManager | undefined = undefined;
  /** The last look-up among the handlers: most messages of a process are like the one before. */
  #handledName: string | undefined = undefined;
  #handledType: Handler['type'] = undefined;
  #handle: Handler['handle'] | undefined = undefined;
  #sender: UPID | undefined = undefined;
  // Made when used: an idle process costs little, and there may be a hundred thousand.
  #handlers: Map<string, Handler> | undefined = undefined;
  #routes: Map<string, Route> | undefined = undefined;
  #timers: Set<Disposable> | undefined = undefined;
  #id: string | IdGenerator;

  static {
    keepOwn(this.prototype);
  }

  /** @param id first part of the UPID, unique on its node; or what makes it at spawn. */
  constructor(id: string | IdGenerator) {
    this.#id = id;
  }

  get id(): string {
    if (typeof this.#id !== 'string') assert.fail('a process with a generated id has been spawned');
    return this.#id;
  }

  get self(): PID<this> {
    return this.#self ?? this.#unspawned();
  }

  /** The node it was spawned on. */
  protected get node(): ProcessManager {
    return this.#node ?? this.#unspawned();
  }

  protected get runtime(): Runtime {
    return this.node.runtime;
  }

  /** Runs once, before any event. */
  protected initialize(): void {}
  /** Runs once, after the last event. */
  protected finalize(): void {}
  /**
   * A linked process has ended, or the connection to its node was lost. Comes once for each link,
   * after every message from it that is ever delivered; link again to hear of it again.
   */
  protected exited(_upid: UPID, _reason: ExitReason): void {}

  /** Handles messages of one name by their bytes. `ProtobufProcess` offers typed handlers. */
  protected installRaw(name: string, handler: (from: UPID, body: Uint8Array) => void): void {
    this[INSTALL](name, { type: undefined, handle: handler });
  }

  /** Hands messages of one name on to another process, which sees the first sender. */
  protected delegate(name: string, to: UPID): void {
    this.installRaw(name, (from, body) => {
      this.node.send(Message.ofBytes({ name, from, to }, body));
    });
  }

  /**
   * Serves HTTP at `/<id><path>`; a request goes to the longest registered prefix of its path.
   * `path` begins with `/`; `/` alone serves all that nothing else does. `/help` shows its help.
   */
  protected route(path: string, handler: RouteHandler, options: RouteOptions = {}): void {
    assert(path.startsWith('/'), `path '${path}' begins with '/'`);
    (this.#routes ??= new Map()).set(path, { handler, options });
  }

  /**
   * Serves a file, or the files of a directory, at `/<id>/<name>`; no name serves it at `/<id>`. What is
   * hidden or a symbolic link is not there; a directory shows its `index.html`. Routes below it come first.
   */
  protected provide(name: string, path: string, options: RouteOptions = {}): void {
    const route = `/${name}`;
    const handler = (request: Request): PromiseLike<Response> =>
      serveAsset(
        { disk: this.runtime.disk, path, below: this.#below(route, request.path) },
        request,
      );
    this.route(route, handler, options);
  }

  /** Components of a path that follow a route's; the path begins with our id unless we are the delegate. */
  #below(route: string, path: string): readonly string[] {
    const [first = '', ...rest] = path.slice(1).split('/');
    const components = (percentDecoded(first) ?? first) === this.id ? rest : [first, ...rest];
    return components.slice(route.split('/').filter((each) => each !== '').length);
  }

  /** Sends bytes under a name. At most once, in order for each pair of actors. */
  protected post(to: UPID, name: string, body: Uint8Array): void {
    this.node.send(Message.ofBytes({ name, from: this.self, to }, body));
  }

  /** Sends a wire message; within the node by reference, so do not change it afterwards. */
  protected send<M>(to: UPID, type: MessageType<M>, message: M): void {
    this.node.send(Message.ofValue(this.self, to, type, message));
  }

  /** Asks to hear `exited` of `to`. `reconnect` replaces a connection that may be half open. */
  protected link(to: UPID, mode: LinkMode = 'reuse'): void {
    this.node.link(this.self, to, mode);
  }

  /**
   * Whether there is a link to `to` that has not ended. In `exited` it tells that this process has
   * linked again since: what has ended is the link before, whose end was still in the mailbox.
   */
  protected linked(to: UPID): boolean {
    return this.node.linked(this.self, to);
  }

  /** Runs `thunk` in a turn of this process, at least `duration` from now, unless disposed or ended. */
  protected delay(duration: Duration, thunk: () => void): Disposable {
    return this[DELAY](duration, thunk);
  }

  /**
   * Runs `thunk` in a turn of this process every `period`, first after one, unless disposed or ended: at multiples of
   * it from now, however late single turns are. A turn that is later than the next one makes up for both.
   */
  protected every(period: Duration, thunk: () => void): Disposable {
    const periodMs = toMs(period);
    assert(periodMs > 0, 'a period is longer than nothing');
    const { clock } = this.runtime;
    let dueMs = clock.monotonic() + periodMs;
    const next = (): Disposable =>
      this.delay(Math.max(0, dueMs - clock.monotonic()), () => {
        const lateMs = Math.max(0, clock.monotonic() - dueMs);
        dueMs += periodMs * (1 + Math.floor(lateMs / periodMs));
        timer = next();
        thunk();
      });
    let timer = next();
    return {
      [Symbol.dispose]: () => {
        timer[Symbol.dispose]();
      },
    };
  }

  /** A callback that runs `continuation` in a turn of this process, and nothing once it has ended. */
  protected defer<A extends unknown[]>(continuation: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      this.#post(() => continuation(...args));
    };
  }

  /** Runs `work` outside this process, in a turn of its own. */
  protected async<R>(work: () => R | PromiseLike<R>): Future<R> {
    return this.node.async(work);
  }

  /** @internal A function that was dispatched. */
  protected [RUN]<R>(work: () => R): R {
    return work();
  }

  #post(thunk: () => unknown): void {
    this.self[MAILBOX]?.push(thunkEvent(thunk));
  }

  #unspawned(): never {
    assert.fail(`'${this.id}' has been spawned`);
  }

  /** @internal */
  [BIND](node: ProcessManager): PID<this> {
    assert(!this.#node, 'a process is spawned once');
    const id = typeof this.#id === 'string' ? this.#id : this.#id(node);
    assert(id !== '', 'the id of a process is not empty');
    if (node.has(id)) throw new ProcessExistsError(id); // It may be spawned later, when that one has ended.
    this.#id = id;
    this.#node = node;
    this.#self = new PID<this>(id, node.address);
    return this.#self;
  }

  /** @internal As `delay`; `called` is the call that is made then, for filters. Ends with the process. */
  [DELAY](duration: Duration, thunk: () => unknown, called?: DelayedCall): Disposable {
    const delayMs = toMs(duration);
    // What was not deferred may still run after the end: it must leave no timer behind.
    if (this.self[MAILBOX]?.ended) return { [Symbol.dispose]: () => undefined };
    const timers = (this.#timers ??= new Set());
    const timer = this.runtime.clock.timer(delayMs, () => {
      timers.delete(timer);
      const event = thunkEvent(() => (cancelled ? undefined : thunk()), called);
      this.self[MAILBOX]?.push(event);
    });
    let cancelled = false;
    timers.add(timer);
    return {
      [Symbol.dispose]: () => {
        cancelled = true;
        timers.delete(timer);
        timer[Symbol.dispose]();
      },
    };
  }

  /** @internal What these return is a promise only of who has made them `async`. */
  [INITIALIZE](): unknown {
    return returned(() => this.initialize());
  }

  /** @internal */
  [FINALIZE](): unknown {
    try {
      return returned(() => this.finalize());
    } finally {
      for (const timer of this.#timers ?? []) timer[Symbol.dispose]();
      this.#timers = undefined;
    }
  }

  /** @internal */
  [EXITED](upid: UPID, reason: ExitReason): unknown {
    return returned(() => this.exited(upid, reason));
  }

  /** @internal Unknown names are dropped and counted: a newer peer may speak what we do not. */
  [CONSUME](message: Message): unknown {
    const { name } = message;
    if (name !== this.#handledName) this.#lookUp(name);
    const type = this.#handledType;
    const handle = this.#handle;
    if (!handle) {
      this.node.counters.unknownMessages += 1;
      const refusal = unservedCall(message);
      if (refusal) this.post(message.from, RESULT, refusal);
      return undefined;
    }
    let body: unknown;
    try {
      body = type ? message.as(type) : message.bytes;
    } catch (error) {
      this.node.malformed(message, error);
      return undefined;
    }
    this.#sender = message.from;
    const given = handle(message.from, body as never); // What `type` decodes is what its handler takes.
    this.#sender = undefined;
    return given;
  }

  /**
   * @internal The mailbox has no room for a message. Outside the turns of the process: whoever
   * overrides it must not look at its state.
   */
  [REFUSED](_message: Message): void {}

  #lookUp(name: string): void {
    const handler = this.#handlers?.get(name);
    this.#handledName = name;
    this.#handledType = handler?.type;
    this.#handle = handler?.handle;
  }

  /** @internal */
  [INSTALL](name: string, handler: Handler): void {
    (this.#handlers ??= new Map()).set(name, handler);
    this.#handledName = undefined;
  }

  /** @internal Whose message is being handled; undefined outside. */
  get [SENDER](): UPID | undefined {
    return this.#sender;
  }

  /** @internal */
  get [ROUTES](): ReadonlyMap<string, Route> {
    return this.#routes ?? NO_ROUTES;
  }
}

/** What the compiler takes for nothing. */
const returned = (handle: () => unknown): unknown => handle();

const NO_ROUTES: ReadonlyMap<string, Route> = new Map();

/** What is installed for the messages of one name; `handle` gets the bytes if there is no type. */
export interface Handler {
  readonly type: MessageType<unknown> | undefined;
  readonly handle: (from: UPID, body: never) => unknown;
}
