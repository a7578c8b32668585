import type { Millis } from '../clock.ts';
import { RuntimeError } from '../errors.ts';
import { FuturePromise, type Future } from '../future.ts';
import { Process } from '../process.ts';
import type { ProcessManager } from '../process-manager.ts';
import type { UPID } from '../upid.ts';
import type { ArgumentsOf, Methods, Protocol, ResultOf } from './protocol.ts';
import { CALL, decodeResult, encodeCall, RESULT, type Result } from './wire.ts';

/**
 * A remote call did not succeed. `DEADLINE` and `EXITED` say nothing of whether the method ran;
 * `NO_SUCH_METHOD` and `BAD_ARGUMENTS` say that it did not; `FAILED` carries its own error.
 */
export class RemoteCallError extends RuntimeError {}

/** A call of a process on another node. */
export interface RemoteCall {
  readonly to: UPID;
  readonly method: string;
  readonly args: readonly unknown[];
  /** A call without an answer for this long fails. */
  readonly deadlineMs: Millis;
}

/** Calls a method of a process on another node, as its protocol says. */
export function callRemote<M extends Methods, K extends keyof M & string>(
  node: ProcessManager,
  { methods }: Protocol<M>,
  call: {
    readonly to: UPID;
    readonly method: K;
    readonly args: ArgumentsOf<M[K]>;
    readonly deadlineMs: Millis;
  },
): Future<ResultOf<M[K]>> {
  const returns = methods[call.method]?.returns;
  return callUntyped(node, call).then((value) => {
    if (returns?.matches(value)) return value as ResultOf<M[K]>; // The shape has just been checked.
    const message = `'${call.method}' of '${call.to.toString()}' returned something else`;
    throw new RemoteCallError('BAD_RESULT', message);
  });
}

/** The same for those who know no protocol, such as a command line; the other side still checks. */
export function callUntyped(node: ProcessManager, call: RemoteCall): Future<unknown> {
  const promise = new FuturePromise<unknown>();
  node.spawn(new CallProcess(node.generateId('__call__'), call, promise));
  return promise.future;
}

/** Lives for one call. */
class CallProcess extends Process {
  readonly #call: RemoteCall;
  readonly #promise: FuturePromise<unknown>;

  constructor(id: string, call: RemoteCall, promise: FuturePromise<unknown>) {
    super(id);
    this.#call = call;
    this.#promise = promise;
    this.installRaw(RESULT, (from, body) => {
      this.#answered(from, body);
    });
  }

  protected override initialize(): void {
    const { to, method, args, deadlineMs } = this.#call;
    this.#promise.future.onDiscard(() => {
      this.#promise.discard();
      this.node.terminate(this.self);
    });
    this.delay(deadlineMs, () => {
      this.#fail('DEADLINE', `there was no answer within ${deadlineMs} ms`);
    });
    this.link(to);
    this.post(to, CALL, encodeCall({ id: 0, method, args }));
  }

  protected override exited(): void {
    this.#fail('EXITED', 'it does not exist, has ended, or its node cannot be reached');
  }

  protected override finalize(): void {
    this.#promise.abandon();
  }

  #answered(from: UPID, body: Uint8Array): void {
    if (!from.equals(this.#call.to)) return;
    let result: Result | undefined;
    try {
      result = decodeResult(body);
    } catch {
      result = undefined;
    }
    if (!result) {
      this.#fail('BAD_RESULT', 'the answer was malformed');
    } else if (result.kind === 'value') {
      this.#promise.set(result.value);
      this.node.terminate(this.self);
    } else {
      this.#fail(result.code, result.message);
    }
  }

  #fail(code: string, reason: string): void {
    const { to, method } = this.#call;
    const message = `Failed to call '${method}' of '${to.toString()}': ${reason}`;
    this.#promise.fail(new RemoteCallError(code, message));
    this.node.terminate(this.self);
  }
}
