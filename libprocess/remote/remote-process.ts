import { attempt } from '../future.ts';
import { Process } from '../process.ts';
import type { UPID } from '../upid.ts';
import { misfit, type Handlers, type Methods, type Protocol } from './protocol.ts';
import { CALL, decodeCall, encodeResult, RESULT, type Result } from './wire.ts';

type Handler = (...args: unknown[]) => unknown;

/** A process that other nodes may call: what it `serve`s, and nothing else of it. */
export abstract class RemoteProcess extends Process {
  readonly #methods = new Map<string, { shape: Methods[string]; handler: Handler }>();

  constructor(id: string) {
    super(id);
    this.installRaw(CALL, (from, body) => {
      this.#called(from, body);
    });
  }

  /** Lets the methods of a protocol be called. Arguments have been checked when a handler runs. */
  protected serve<M extends Methods>({ methods }: Protocol<M>, handlers: Handlers<M>): void {
    for (const [name, shape] of Object.entries(methods)) {
      // Their arguments are compared with the shapes at each call.
      this.#methods.set(name, { shape, handler: handlers[name] as Handler });
    }
  }

  #called(from: UPID, body: Uint8Array): void {
    let call;
    try {
      call = decodeCall(body);
    } catch {
      call = undefined;
    }
    if (!call) {
      this.node.counters.malformedMessages += 1;
      return;
    }
    const { id, method, args } = call;
    const found = this.#methods.get(method);
    const refuse = (code: string, message: string): void => {
      this.#answer(from, { id, kind: 'error', code, message });
    };
    if (!found) {
      const served = [...this.#methods.keys()].join(', ');
      refuse('NO_SUCH_METHOD', `'${this.id}' has no method '${method}'; it has: ${served}`);
      return;
    }
    const why = misfit(found.shape, args);
    if (why !== undefined) {
      refuse('BAD_ARGUMENTS', `'${method}' of '${this.id}': ${why}`);
      return;
    }
    const result = attempt(() => found.handler(...args));
    const answer = this.defer((value: unknown) => {
      this.#answer(from, { id, kind: 'value', value });
    });
    const failed = this.defer((message: string) => {
      refuse('FAILED', message);
    });
    result
      .onReady(answer)
      .onFailed((error) => {
        failed(error instanceof Error ? error.message : String(error));
      })
      .onDiscarded(() => {
        failed('The call was discarded');
      })
      .onAbandoned(() => {
        failed('The call was abandoned');
      });
  }

  #answer(to: UPID, result: Result): void {
    this.post(to, RESULT, encodeResult(result));
  }
}
