import type { Millis } from '../clock.ts';
import { spanText, toMs, type Duration } from '../duration.ts';
import { RuntimeError } from '../errors.ts';
import type { ExitReason } from '../event.ts';
import { type Future, FuturePromise, isPromiseLike } from '../future.ts';
import { Process } from '../process.ts';
import type { ProcessManager } from '../process-manager.ts';
import { MESSAGE_BYTES_MAX } from '../transport/limits.ts';
import type { UPID } from '../upid.ts';
import { incoming, messageOf, type Checked, type Checking } from './checked.ts';
import type { Schema } from './protocol.ts';
import { RemoteCallError, type RemoteCallCode, type Thrown } from './remote-call-error.ts';
import {
  CALL,
  CAST,
  decodeResult,
  DISCARD,
  encodeCall,
  encodeDiscard,
  RESULT,
  type Result,
} from './wire.ts';

/** A call as it leaves. */
export interface RemoteCall {
  readonly to: UPID;
  /** `protocol.method`, or the method alone. */
  readonly method: string;
  /** As it goes over the wire. */
  readonly args: unknown;
  readonly timeout: Duration;
  /** What the result is checked with, if anything. */
  readonly result?: Schema;
}

interface Pending {
  readonly call: RemoteCall;
  readonly promise: FuturePromise<unknown>;
  readonly timer: Disposable;
}

/** Whom calls wait for. */
interface Target {
  readonly upid: UPID;
  readonly waiting: Set<number>;
}

/**
 * All calls that one node has under way. One process for all, so that a call costs an entry in a table
 * and nothing of it can be left behind: whatever ends a call takes the entry out.
 */
export class CallerProcess extends Process {
  readonly #pending = new Map<number, Pending>();
  /** Linked processes, by address: as many as there are alive of those that were ever called. */
  readonly #targets = new Map<string, Target>();
  #lastId = 0;

  constructor() {
    super('__calls__');
    this.installRaw(RESULT, (from, body) => {
      this.#answered(from, body);
    });
  }

  /** That of a node, begun with its first call. Throws `RemoteCallError` of `call` if the node is closed. */
  static of(node: ProcessManager, call: Pick<RemoteCall, 'to' | 'method'>): CallerProcess {
    let caller = callers.get(node);
    if (caller && node.has('__calls__')) return caller;
    caller = new CallerProcess();
    spawnCaller(node, caller, call);
    callers.set(node, caller);
    return caller;
  }

  /**
   * Fails with `RemoteCallError`. A discard request is granted, and passed on. Throws `RuntimeError` with
   * `INVALID_DURATION` if the timeout is none, or would never be over.
   */
  call(call: RemoteCall): Future<unknown> {
    const timeoutMs = deadlineMs(call.timeout);
    const promise = new FuturePromise<unknown>(this.node);
    const id = (this.#lastId += 1);
    const body = this.#encode(call, id, promise);
    if (!body) return promise.future;
    const timer = this.runtime.clock.timer(timeoutMs, () => {
      this.#giveUp(id);
      promise.fail(
        failure(call, 'TIMED_OUT', `there was no answer within ${spanText(call.timeout)}`),
      );
    });
    this.#pending.set(id, { call, promise, timer });
    this.#target(call.to).waiting.add(id);
    promise.future.onDiscard(() => {
      this.#giveUp(id);
      promise.discard();
    });
    this.post(call.to, CALL, body);
    return promise.future;
  }

  /** Throws `RemoteCallError` if the arguments cannot be sent. */
  cast(call: RemoteCall): void {
    const promise = new FuturePromise<unknown>();
    const body = this.#encode(call, undefined, promise);
    if (!body) throw promise.future.error;
    this.post(call.to, CAST, body);
  }

  protected override exited(upid: UPID, reason: ExitReason): void {
    const target = this.#targets.get(upid.toString());
    this.#targets.delete(upid.toString());
    for (const id of target?.waiting ?? []) {
      const pending = this.#take(id);
      if (!pending) continue;
      const { call, promise } = pending;
      promise.fail(
        reason === 'lost'
          ? failure(call, 'UNREACHABLE', 'its node cannot be reached, or was lost')
          : failure(call, 'NO_SUCH_PROCESS', 'it does not exist, or has ended'),
      );
    }
  }

  protected override finalize(): void {
    for (const id of [...this.#pending.keys()]) {
      const pending = this.#take(id);
      pending?.promise.abandon(unanswered(pending.call.method, pending.call.to));
    }
  }

  #encode(
    call: RemoteCall,
    id: number | undefined,
    promise: FuturePromise<unknown>,
  ): Uint8Array | undefined {
    try {
      const body = encodeCall({ id, method: call.method, args: call.args });
      if (body.length <= MESSAGE_BYTES_MAX) return body;
      promise.fail(failure(call, 'BAD_ARGUMENTS', `they are ${body.length} bytes long`));
    } catch (error) {
      promise.fail(failure(call, 'BAD_ARGUMENTS', `they cannot be sent: ${messageOf(error)}`));
    }
    return undefined;
  }

  #target(upid: UPID): Target {
    const text = upid.toString();
    let target = this.#targets.get(text);
    if (!target) {
      this.#targets.set(text, (target = { upid, waiting: new Set() }));
      this.link(upid);
    }
    return target;
  }

  /** Nobody waits any more: whoever answers may spare himself the rest. */
  #giveUp(id: number): void {
    const pending = this.#take(id);
    if (pending) this.post(pending.call.to, DISCARD, encodeDiscard(id));
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    this.#pending.delete(id);
    this.#targets.get(pending.call.to.toString())?.waiting.delete(id);
    pending.timer[Symbol.dispose]();
    return pending;
  }

  #answered(from: UPID, body: Uint8Array): void {
    const result = readResult(body);
    if (!result) {
      this.node.counters.malformedMessages += 1;
      return;
    }
    const call = this.#pending.get(result.id)?.call;
    // Ids can be guessed: an answer counts only from whom it is awaited.
    if (!call?.to.equals(from)) return;
    const promise = this.#take(result.id)?.promise;
    if (!promise) return;
    if (result.kind === 'error') {
      promise.fail(failure(call, result.code, result.message, result.thrown));
      return;
    }
    const settle = (checked: Checked): void => {
      if (checked.ok) promise.set(checked.value);
      else promise.fail(failure(call, 'BAD_RESULT', `of its result, ${checked.why}`));
    };
    const { value } = result;
    const checking: Checking = call.result ? incoming(call.result, value) : { ok: true, value };
    if (isPromiseLike(checking)) checking.then(this.defer(settle));
    else settle(checking);
  }
}

/** What is said of a call that outlives the node of its caller. */
export const unanswered = (method: string, to: UPID): string =>
  `the caller's node closed with its call of '${method}' of '${to.toString()}' unanswered`;

/** Throws `RuntimeError` with `INVALID_DURATION` if `timeout` is no duration, or would never be over. */
export function deadlineMs(timeout: Duration): Millis {
  const ms = toMs(timeout);
  if (ms !== Infinity) return ms;
  throw new RuntimeError(
    'INVALID_DURATION',
    'Invalid duration Infinity: what is asked of another node has a deadline',
  );
}

/** What hangs on a node goes with it. */
const callers = new WeakMap<ProcessManager, CallerProcess>();

function readResult(body: Uint8Array): Result | undefined {
  try {
    return decodeResult(body);
  } catch {
    return undefined;
  }
}

/** Spawns a process that makes `call`. Throws `RemoteCallError` if the node is closed. */
export function spawnCaller(
  node: ProcessManager,
  caller: Process,
  call: Pick<RemoteCall, 'to' | 'method'>,
): void {
  try {
    node.spawn(caller);
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'NODE_CLOSED')
      throw failure(call, 'NODE_CLOSED', "the caller's node is closed");
    throw error;
  }
}

// eslint-disable-next-line max-params -- Three of them say one thing.
export function failure(
  { to, method }: { readonly to: UPID; readonly method: string },
  code: RemoteCallCode,
  reason: string,
  thrown?: Thrown,
): RemoteCallError {
  const message = `Failed to call '${method}' of '${to.toString()}': ${reason}`;
  return new RemoteCallError(code, message, thrown);
}
