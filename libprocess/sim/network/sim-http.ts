import { NetworkError } from '../../errors.ts';
import { FuturePromise } from '../../future.ts';
import type { BodyWriter, Request, Response } from '../../http/http.ts';
import { internalServerError } from '../../http/responses.ts';
import type { Acceptor } from '../../network.ts';
import type { PipeEnd, PipeItem } from './pipe.ts';

/** The server's side of one request: asks the acceptor and sends what it answers. */
export function serveRequest(
  end: PipeEnd,
  acceptor: Acceptor,
  request: Omit<Request, 'remoteAddress'>,
): () => void {
  let writer: SimBodyWriter | undefined;
  const send = ({ status, headers, body }: Response): void => {
    if (body instanceof Uint8Array) {
      const item = { kind: 'answer', response: { status, headers, body: body.slice() } } as const;
      end.send(item, body.byteLength);
      return;
    }
    end.send({ kind: 'head', status, headers }, 0);
    writer = new SimBodyWriter(end);
    if (end.closed) writer.closed();
    body(writer);
  };
  end.incarnation.record(`request ${end.remoteAddress} ${request.method} ${request.path}`);
  const future = acceptor.request({ ...request, remoteAddress: end.remoteAddress });
  future.onAny((done) => send(done.isReady ? done.value : internalServerError()));
  return () => (writer ? writer.closed() : future.discard());
}

class SimBodyWriter implements BodyWriter {
  readonly #end: PipeEnd;
  readonly #listeners: (() => void)[] = [];
  #ended = false;
  #closed = false;

  constructor(end: PipeEnd) {
    this.#end = end;
  }

  get bufferedBytes(): number {
    return this.#end.bufferedBytes;
  }

  write(chunk: Uint8Array): void {
    if (this.#ended || chunk.byteLength === 0) return;
    this.#end.send({ kind: 'chunk', chunk: chunk.slice() }, chunk.byteLength);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#end.send({ kind: 'end' }, 0);
    this.#end.incarnation.post(() => this.closed());
  }

  abort(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#end.abort(reason);
  }

  onClose(listener: () => void): void {
    if (this.#closed) this.#end.incarnation.post(listener);
    else this.#listeners.push(listener);
  }

  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ended = true;
    for (const listener of this.#listeners) listener();
  }
}

/** The client's side of one request, on a connection of its own. */
export class SimExchange {
  readonly promise = new FuturePromise<Response>();
  readonly #address: string;
  #end: PipeEnd | undefined;
  #writer: BodyWriter | undefined;
  #over = false;
  #overListener: () => void = () => undefined;

  constructor(address: string) {
    this.#address = address;
  }

  /** Called when nothing more will come. */
  onOver(listener: () => void): void {
    this.#overListener = listener;
  }

  /** Sends the request over a connection that has just opened. */
  opened(end: PipeEnd, request: Omit<Request, 'remoteAddress'>): void {
    this.#end = end;
    end.handler = {
      onItem: (item) => this.#received(item),
      onClose: (reason) => this.broken(`connection ended: ${reason}`),
    };
    end.send(
      { kind: 'request', request: { ...request, body: request.body.slice() } },
      request.body.byteLength,
    );
  }

  /** The attempt is over without an answer, or its body without an end. */
  broken(reason: string, code = 'ECONNRESET'): void {
    if (this.#over) return;
    this.#over = true;
    this.#overListener();
    this.#end?.abort(reason);
    const message = `Failed to request from '${this.#address}': ${reason}`;
    if (!this.promise.fail(new NetworkError(code, message))) this.#writer?.abort(reason);
  }

  #received(item: PipeItem): void {
    if (this.#over) return;
    switch (item.kind) {
      case 'answer':
        this.#finish();
        this.promise.set(item.response);
        return;
      case 'head':
        this.#end?.pause();
        this.promise.set({ ...item, body: (writer) => this.#stream(writer) });
        return;
      case 'chunk':
        this.#writer?.write(item.chunk);
        return;
      case 'end':
        this.#finish();
        this.#writer?.end();
        return;
      default:
        return;
    }
  }

  #stream(writer: BodyWriter): void {
    if (this.#over) {
      writer.abort('connection ended');
      return;
    }
    this.#writer = writer;
    writer.onClose(() => this.broken('given up by the reader', 'ABORT_ERR'));
    this.#end?.resume();
  }

  #finish(): void {
    this.#over = true;
    this.#overListener();
    this.#end?.finish();
  }
}
