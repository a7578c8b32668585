import { spanText, type Duration } from '../duration.ts';
import type { ExitReason } from '../event.ts';
import { type Future, FuturePromise } from '../future.ts';
import type { MessageType } from '../message.ts';
import { ProtobufProcess } from '../protobuf-process.ts';
import type { ProcessManager } from '../process-manager.ts';
import type { UPID } from '../upid.ts';
import { deadlineMs, failure, spawnCaller, unanswered } from './caller-process.ts';
import { CALL_TIMEOUT } from './protocol.ts';

/** What is asked of whom, and what for. */
export interface ReqRes<Req, Res> {
  readonly to: UPID;
  readonly type: MessageType<Req>;
  readonly request: Req;
  /** The first message of this type from `to` is the response. */
  readonly response: MessageType<Res>;
  /** Default: 5 s. */
  readonly timeout?: Duration;
}

/**
 * Sends one wire message and awaits another, as libprocess's `ReqResProcess` does: `to` need know
 * nothing of it and only `reply`. Fails with `RemoteCallError`, and with `INVALID_DURATION` if the timeout is none or
 * endless; a discard request is granted.
 */
export function reqRes<Req, Res>(node: ProcessManager, options: ReqRes<Req, Res>): Future<Res> {
  const promise = new FuturePromise<Res>(node);
  const process = new ReqResProcess(node.generateId('__req_res__'), options, promise);
  try {
    deadlineMs(options.timeout ?? CALL_TIMEOUT);
    spawnCaller(node, process, { to: options.to, method: options.type.fullName });
  } catch (error) {
    promise.fail(error);
  }
  return promise.future;
}

/** Lives for one request: replies carry no more than the address that the request came from. */
class ReqResProcess<Req, Res> extends ProtobufProcess {
  readonly #options: ReqRes<Req, Res>;
  readonly #promise: FuturePromise<Res>;

  constructor(id: string, options: ReqRes<Req, Res>, promise: FuturePromise<Res>) {
    super(id);
    this.#options = options;
    this.#promise = promise;
    this.install(options.response, (from, message) => {
      if (from.equals(options.to)) this.#end(() => promise.set(message));
    });
  }

  protected override initialize(): void {
    const { to, type, request, timeout = CALL_TIMEOUT } = this.#options;
    this.#promise.future.onDiscard(() => {
      this.#end(() => this.#promise.discard());
    });
    this.delay(timeout, () => {
      this.#fail('TIMED_OUT', `there was no response within ${spanText(timeout)}`);
    });
    this.link(to);
    this.send(to, type, request);
  }

  protected override exited(_upid: UPID, reason: ExitReason): void {
    if (reason === 'lost') this.#fail('UNREACHABLE', 'its node cannot be reached, or was lost');
    else this.#fail('NO_SUCH_PROCESS', 'it does not exist, or has ended');
  }

  protected override finalize(): void {
    const { to, type } = this.#options;
    this.#promise.abandon(unanswered(type.fullName, to));
  }

  #fail(code: 'TIMED_OUT' | 'UNREACHABLE' | 'NO_SUCH_PROCESS', reason: string): void {
    const { to, type } = this.#options;
    this.#end(() => this.#promise.fail(failure({ to, method: type.fullName }, code, reason)));
  }

  #end(complete: () => void): void {
    this.node.terminate(this.self);
    complete();
  }
}
