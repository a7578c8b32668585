import { NetworkError } from '../../errors.ts';
import { FuturePromise } from '../../future.ts';
import { gunzipError, gunzipped } from '../../http/gunzip.ts';
import { sendable } from '../../http/answer.ts';
import type { Request, Response } from '../../http/http.ts';
import { PipeReader } from '../../http/pipe.ts';
import { arrivedBody } from './arrived-body.ts';
import { internalServerError } from '../../http/responses.ts';
import type { Acceptor } from '../../network.ts';
import type { PipeEnd, PipeHandler, PipeItem } from './pipe.ts';
import { sendStream, StreamSink } from './sim-stream.ts';

/** The server's side of one request: asks the acceptor and sends what it answers. */
export class ServedRequest implements PipeHandler {
  readonly #end: PipeEnd;
  readonly #acceptor: Acceptor;
  #sink: StreamSink | undefined;
  #body: PipeReader | undefined;
  #closed: () => void = () => undefined;

  constructor(end: PipeEnd, acceptor: Acceptor) {
    this.#end = end;
    this.#acceptor = acceptor;
  }

  /** The head, and the whole body if it does not stream. */
  arrived({ request, streams }: PipeItem & { readonly kind: 'request' }): void {
    const end = this.#end;
    end.incarnation.record(`request ${end.remoteAddress} ${request.method} ${request.path}`);
    const whole = { ...request, remoteAddress: end.remoteAddress };
    if (!streams) {
      this.#ask(whole);
      return;
    }
    this.#sink = new StreamSink(end, () => undefined);
    const { reader } = this.#sink;
    if (this.#acceptor.streams?.(whole)) {
      this.#ask({ ...whole, reader });
      return;
    }
    this.#closed = () => reader.close();
    void reader.readAll().onReady((body) => this.#ask({ ...whole, body }));
  }

  onItem(item: PipeItem): void {
    this.#sink?.take(item);
  }

  onClose(reason: string): void {
    this.#sink?.broken(reason);
    this.#body?.close();
    this.#closed();
  }

  #ask(arrived: Request): void {
    const request = arrived.reader ? arrived : arrivedBody(arrived, this.#acceptor);
    if ('status' in request) {
      this.#send(request);
      return;
    }
    const future = this.#acceptor.request(request);
    this.#closed = () => {
      future.discard();
      request.reader?.close();
    };
    future.onAny((done) => this.#send(done.isReady ? done.value : internalServerError()));
  }

  #send(answer: Response): void {
    const { status, headers, body } = sendable(answer);
    if (body instanceof PipeReader) {
      this.#end.send({ kind: 'head', status, headers }, 0);
      this.#body = body;
      if (this.#end.closed) body.close();
      else sendStream(this.#end, body, headers);
      return;
    }
    const item = { kind: 'answer', response: { status, headers, body: body.slice() } } as const;
    this.#end.send(item, body.byteLength);
  }
}

/** The client's side of one request, on a connection of its own. */
export class SimExchange {
  readonly promise = new FuturePromise<Response>();
  readonly #address: string;
  readonly #bodyBytesMax: number;
  #end: PipeEnd | undefined;
  #request: PipeReader | undefined;
  #sink: StreamSink | undefined;
  #over = false;
  #overListener: () => void = () => undefined;

  constructor(address: string, bodyBytesMax: number) {
    this.#address = address;
    this.#bodyBytesMax = bodyBytesMax;
  }

  /** Called when nothing more will come. */
  onOver(listener: () => void): void {
    this.#overListener = listener;
  }

  /** Sends the request over a connection that has just opened. */
  opened(end: PipeEnd, { reader, ...request }: Omit<Request, 'remoteAddress'>): void {
    this.#end = end;
    this.#request = reader;
    end.handler = {
      onItem: (item) => this.#received(item),
      onClose: (reason) => this.broken(`connection ended: ${reason}`),
    };
    const streams = reader !== undefined;
    const sent = { ...request, body: request.body.slice() };
    end.send({ kind: 'request', request: sent, streams }, request.body.byteLength);
    if (reader) sendStream(end, reader);
  }

  /** The attempt is over without an answer, or its body without an end. */
  broken(reason: string, code = 'ECONNRESET'): void {
    if (this.#over) return;
    this.#finish();
    this.#end?.abort(reason);
    const message = `Failed to request from '${this.#address}': ${reason}`;
    if (!this.promise.fail(new NetworkError(code, message))) this.#sink?.broken(reason);
  }

  #received(item: PipeItem): void {
    if (this.#over) return;
    if (item.kind === 'answer') {
      this.#finish();
      this.#end?.finish();
      this.#answered(item.response);
    } else if (item.kind === 'head' && this.#end) {
      const gaveUp = (): void => this.broken('given up by the reader', 'ABORT_ERR');
      this.#sink = new StreamSink(this.#end, gaveUp);
      const { reader } = this.#sink;
      const { status, headers } = item;
      if (!this.promise.set({ status, headers, body: reader })) reader.close();
    } else if (this.#sink?.take(item)) {
      this.#finish();
      this.#end?.finish();
    }
  }

  #answered({ status, headers, body }: Response & { readonly body: Uint8Array }): void {
    if (body.byteLength > this.#bodyBytesMax) {
      const why = `it is longer than ${this.#bodyBytesMax} bytes`;
      this.promise.fail(new NetworkError('EMSGSIZE', `Failed to read an answer: ${why}`));
      return;
    }
    if (headers['content-encoding'] !== 'gzip') {
      this.promise.set({ status, headers, body });
      return;
    }
    const plain = gunzipped(body, this.#bodyBytesMax);
    const { 'content-encoding': _coding, ...rest } = headers;
    if (typeof plain !== 'string') this.promise.set({ status, headers: rest, body: plain });
    else this.promise.fail(gunzipError(plain, this.#bodyBytesMax));
  }

  #finish(): void {
    this.#over = true;
    this.#overListener();
    this.#request?.close();
  }
}
