import assert from 'node:assert/strict';
import type { ExitReason } from '../event.ts';
import { attempt, Future, isPromiseLike } from '../future.ts';
import { Message } from '../message.ts';
import { EXITED, keepOwn, REFUSED } from '../plumbing.ts';
import { ProtobufProcess } from '../protobuf-process.ts';
import type { IdGenerator } from '../process.ts';
import type { LinkMode } from '../transport.ts';
import { MESSAGE_BYTES_MAX } from '../transport/limits.ts';
import type { UPID } from '../upid.ts';
import { incoming, messageOf, outgoing, type Checked, type Checking } from './checked.ts';
import type { CallMethod, CastMethod, Protocol, Server } from './protocol.ts';
import { RemoteCallError, type RemoteCallCode, type Thrown } from './remote-call-error.ts';
import { RunningCalls, type CallKey } from './running-calls.ts';
import {
  CALL,
  CAST,
  decodeCall,
  decodeCallId,
  decodeDiscard,
  DISCARD,
  encodeResult,
  RESULT,
  type Call,
  type Result,
} from './wire.ts';

/** Characters of a message about an error that travel to the caller. */
const MESSAGE_CHARACTERS_MAX = 4_096;

type Handle = (args: unknown, from: UPID) => unknown;

interface Served<M> {
  readonly method: M;
  readonly handle: Handle;
}

/** A process that other nodes may call: what it `serve`s, and nothing else of it. */
export abstract class RemoteProcess extends ProtobufProcess {
  readonly #calls = new Map<string, Served<CallMethod>>();
  readonly #casts = new Map<string, Served<CastMethod>>();
  readonly #running = new RunningCalls();
  /** Whom the process has linked by itself, for reasons of its own. */
  readonly #linked = new Set<string>();

  static {
    keepOwn(this.prototype);
  }

  constructor(id: string | IdGenerator) {
    super(id);
    this.installRaw(CALL, (from, body) => {
      const call = this.#read(CALL, { from, body }, decodeCall);
      if (call?.id !== undefined) this.#called({ from, id: call.id }, call);
    });
    this.installRaw(CAST, (from, body) => {
      const call = this.#read(CAST, { from, body }, decodeCall);
      return call && this.#castTo({ from, body }, call);
    });
    this.installRaw(DISCARD, (from, body) => {
      const id = this.#read(DISCARD, { from, body }, decodeDiscard);
      if (id !== undefined) this.#running.take({ from, id })?.discard();
    });
  }

  /**
   * Lets the methods of a protocol be called, which `handlers` has: the process itself, or any other
   * object. Arguments have been checked when a handler runs, and results are before they leave. A
   * handler that throws or fails spoils its own call only; one of a cast that throws ends the process,
   * and so does a failed assertion.
   */
  protected serve<P extends Protocol>(protocol: P, handlers: Server<P>): void {
    for (const [name, method] of Object.entries(protocol.methods)) {
      const handle: Handle = (args, from) =>
        Reflect.apply(Reflect.get(handlers, name), handlers, [args, from]);
      const qualified = `${protocol.name}.${name}`;
      assert(!this.#calls.has(qualified) && !this.#casts.has(qualified), 'it is served once');
      if (method.kind === 'call') this.#calls.set(qualified, { method, handle });
      else this.#casts.set(qualified, { method, handle });
    }
  }

  protected override link(to: UPID, mode?: LinkMode): void {
    this.#linked.add(to.toString());
    super.link(to, mode);
  }

  /** @internal Callers that are gone wait for nothing. The process hears of those that it has linked. */
  override [EXITED](upid: UPID, reason: ExitReason): unknown {
    for (const each of this.#running.takeAll(upid)) each.discard();
    const text = upid.toString();
    if (!this.#linked.has(text)) return undefined;
    if (!this.linked(upid)) this.#linked.delete(text);
    return super[EXITED](upid, reason);
  }

  /** @internal Who calls hears at once that there was no room; what is no call is not told of. */
  override [REFUSED](message: Message): void {
    if (message.name !== CALL) return;
    const { from, bytes } = message;
    const id = this.#read(CALL, { from, body: bytes }, decodeCallId);
    if (id !== undefined)
      this.#refuse({ from, id }, 'MAILBOX_FULL', `the mailbox of '${this.id}' is full`);
  }

  #read<T>(name: string, { from, body }: Raw, decode: (body: Uint8Array) => T): T | undefined {
    try {
      const read = decode(body);
      if (read !== undefined) return read;
      this.#malformed(name, { from, body }, 'it has another form');
    } catch (error) {
      this.#malformed(name, { from, body }, error);
    }
    return undefined;
  }

  #malformed(name: string, { from, body }: Raw, error: unknown): void {
    this.node.malformed(Message.ofBytes({ name, from, to: this.self }, body), error);
  }

  #called(key: CallKey, { method: name, args }: Call): void {
    const served = find(this.#calls, name);
    const overload = this.#running.overload(key.from);
    if (!served) {
      const names = [...this.#calls.keys()].join(', ');
      this.#refuse(key, 'NO_SUCH_METHOD', `'${this.id}' has no method '${name}'; it has: ${names}`);
    } else if (overload !== undefined) {
      this.#refuse(key, 'OVERLOADED', `'${this.id}' has ${overload}`);
    } else {
      this.#whenChecked(key, incoming(served.method.args, args), (checked) => {
        if (checked.ok) this.#run(key, served, checked.value);
        else this.#refuse(key, 'BAD_ARGUMENTS', `of its arguments, ${checked.why}`);
      });
    }
  }

  #run(key: CallKey, { method, handle }: Served<CallMethod>, args: unknown): void {
    const result = attempt(() => handle(args, key.from));
    if (!result.isReady) this.node.watch?.answers?.(result);
    this.#whenSettled(key, result, () => {
      if (!result.isReady) {
        this.#threw(key, result);
        return;
      }
      this.#whenChecked(key, outgoing(method.result, result.value), (checked) => {
        if (checked.ok) this.#answer(key, { id: key.id, kind: 'value', value: checked.value });
        else this.#refuse(key, 'BAD_RESULT', `of its result, ${checked.why}`);
      });
    });
  }

  #whenChecked(key: CallKey, checking: Checking, next: (checked: Checked) => void): void {
    if (!isPromiseLike(checking)) {
      next(checking);
      return;
    }
    const checked = Future.from(checking);
    this.#whenSettled(key, checked, () => {
      next(checked.isReady ? checked.value : { ok: false, why: 'it was given up' });
    });
  }

  /** At once if it is; else in a turn of its own, unless the caller has given up by then. */
  #whenSettled(key: CallKey, future: Future<unknown>, next: () => void): void {
    if (!future.isPending || future.isAbandoned) {
      next();
      return;
    }
    if (this.#running.add(key, future)) super.link(key.from);
    future.onSettled(
      this.defer(() => {
        if (this.#running.delete(key, future)) next();
      }),
    );
  }

  #threw(key: CallKey, result: Future<unknown>): void {
    const { error } = result;
    const message = result.isFailed ? messageOf(error) : `the call was ${howItEnded(result)}`;
    this.#refuse(key, 'HANDLER_THREW', message, { message: cut(message), code: codeOf(error) });
    // Whether its caller was told or not: a failed assertion ends the process.
    if (error instanceof assert.AssertionError) throw error;
  }

  #castTo(raw: Raw, { method: name, args }: Call): unknown {
    const served = find(this.#casts, name);
    if (!served) {
      this.node.counters.unknownMessages += 1;
      return undefined;
    }
    const handle = (checked: Checked): unknown =>
      checked.ok ? served.handle(checked.value, raw.from) : this.#malformed(CAST, raw, checked.why);
    const checking = incoming(served.method.args, args);
    if (!isPromiseLike(checking)) return handle(checking);
    checking.then(this.defer(handle));
    return undefined;
  }

  // eslint-disable-next-line max-params -- The last is seldom there.
  #refuse({ from, id }: CallKey, code: RemoteCallCode, why: string, thrown?: Thrown): void {
    this.node.watch?.answers?.(Future.failed(new RemoteCallError(code, why)));
    this.#answer({ from, id }, { id, kind: 'error', code, message: cut(why), thrown });
  }

  #answer({ from, id }: CallKey, result: Result): void {
    let body: Uint8Array;
    try {
      body = encodeResult(result);
      if (body.length > MESSAGE_BYTES_MAX) body = unsendable(id, `it is ${body.length} bytes long`);
    } catch (error) {
      body = unsendable(id, messageOf(error));
    }
    this.post(from, RESULT, body);
  }
}

interface Raw {
  readonly from: UPID;
  readonly body: Uint8Array;
}

/** A method alone will do where only one protocol has it: people type these. */
function find<S>(served: ReadonlyMap<string, S>, name: string): S | undefined {
  const exact = served.get(name);
  if (exact || name.includes('.')) return exact;
  const [only, ...others] = [...served].filter(([qualified]) => qualified.endsWith(`.${name}`));
  return others.length === 0 ? only?.[1] : undefined;
}

const unsendable = (id: number, why: string): Uint8Array =>
  encodeResult({
    id,
    kind: 'error',
    code: 'BAD_RESULT',
    message: `the result cannot be sent: ${why}`,
    thrown: undefined,
  });

const cut = (text: string): string => text.slice(0, MESSAGE_CHARACTERS_MAX);

function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? cut(code) : undefined;
}

function howItEnded({ isAbandoned, state, whyAbandoned }: Future<unknown>): string {
  if (!isAbandoned) return state;
  return whyAbandoned === undefined ? 'abandoned' : `abandoned: ${whyAbandoned}`;
}
