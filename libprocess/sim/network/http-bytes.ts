import { STATUS_CODES } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Future } from '../../future.ts';
import { sendable } from '../../http/answer.ts';
import { connectionOptions, isBodiless, measured, withLength } from '../../http/framing.ts';
import { UNREADABLE_REQUEST, type Request, type Response } from '../../http/http.ts';
import { GZIP_BYTES_MIN, MESSAGE_BODY_BYTES_MAX, PIPE_BYTES_HIGH } from '../../http/limits.ts';
import { acceptsGzip, gzipHeaders } from '../../http/negotiation.ts';
import { drain, Pipe, PipeReader, type Drain, type PipeWriter } from '../../http/pipe.ts';
import { empty, internalServerError } from '../../http/responses.ts';
import { HttpDecoder } from '../../http/wire/http-decoder.ts';
import { MalformedHttpError } from '../../http/wire/malformed-http-error.ts';
import { requestTarget } from '../../http/wire/request-target.ts';
import type { Acceptor, ByteConnection, ByteConnectionEvents, Headers } from '../../network.ts';
import { arrivedBody } from './arrived-body.ts';

interface Exchange {
  readonly request: Request;
  readonly future: Future<Response>;
  answer: Response | undefined;
  /** The connection ends with it. */
  readonly last: boolean;
}

/** Serves a node's acceptor to a peer that speaks HTTP/1.1 in raw bytes, pipelined. */
export class HttpBytes implements ByteConnectionEvents {
  readonly #acceptor: Acceptor;
  readonly #client: ByteConnection;
  readonly #remoteAddress: string;
  readonly #decoder = new HttpDecoder('request', {
    onHead: (start, headers) => this.#head(start, headers),
    onData: (bytes) => this.#data(bytes),
    onEnd: () => this.#ended(),
  });
  #arriving: Request | undefined;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #body: PipeWriter | undefined;
  /** In the order of the requests, which is the order of the answers. */
  readonly #exchanges: Exchange[] = [];
  #streaming: PipeReader | undefined;
  #over = false;
  /** What is refused is answered last, and nothing after it is heard. */
  #deaf = false;

  constructor(acceptor: Acceptor, client: ByteConnection, remoteAddress: string) {
    this.#acceptor = acceptor;
    this.#client = client;
    this.#remoteAddress = remoteAddress;
  }

  onOpen(): void {
    // A server's connection is open when it hears of it.
  }

  onBytes(bytes: Uint8Array): void {
    if (this.#over || this.#deaf) return;
    try {
      this.#decoder.push(bytes);
    } catch (error) {
      if (!(error instanceof MalformedHttpError)) throw error;
      this.#refuse();
    }
  }

  onClose(reason: string): void {
    this.#over = true;
    this.#streaming?.close();
    this.#body?.fail(new MalformedHttpError(`The peer broke off: ${reason}`));
    for (const { future } of this.#exchanges) future.discard();
  }

  #head(start: string, headers: Headers): 'body' | 'none' {
    if (this.#deaf) return 'body';
    const [method = '', target = ''] = start.split(' ');
    const remoteAddress = this.#remoteAddress;
    if (method === 'CONNECT') {
      this.#answerLast({ ...UNREADABLE_REQUEST, method, remoteAddress }, empty(501));
      return 'none';
    }
    const asked = requestTarget(method, target);
    if (!asked) throw new MalformedHttpError('Malformed target');
    const { path, query, host } = asked;
    const request = {
      method,
      path,
      query,
      headers: host === undefined ? headers : { ...headers, host },
      body: new Uint8Array(0),
      remoteAddress,
    };
    if (headers['expect'] === '100-continue') this.#write('HTTP/1.1 100 Continue\r\n\r\n');
    if (this.#acceptor.streams?.(request)) {
      const { reader, writer } = new Pipe();
      this.#body = writer;
      this.#ask({ ...request, reader });
    } else {
      this.#arriving = request;
    }
    return 'body';
  }

  #data(bytes: Uint8Array): void {
    if (this.#deaf) return;
    if (!this.#body) {
      this.#bytes += bytes.byteLength;
      if (this.#bytes > MESSAGE_BODY_BYTES_MAX)
        throw new MalformedHttpError('Too long', 'TOO_LONG');
      this.#chunks.push(bytes.slice());
      return;
    }
    this.#body.write(bytes.slice());
    if (this.#body.bufferedBytes < PIPE_BYTES_HIGH) return;
    this.#client.pause();
    this.#body.drained().onReady(() => this.#client.resume());
  }

  #ended(): void {
    this.#body?.close();
    this.#body = undefined;
    const request = this.#arriving;
    if (!request) return;
    this.#arriving = undefined;
    const body = new Uint8Array(Buffer.concat(this.#chunks));
    this.#chunks = [];
    this.#bytes = 0;
    const arrived = arrivedBody({ ...request, body }, this.#acceptor);
    if ('status' in arrived) this.#answerLast(request, arrived);
    else this.#ask(arrived);
  }

  /** After the answers to what came before. */
  #answerLast(request: Request, answer: Response): void {
    this.#deaf = true;
    this.#exchanges.push({ request, future: Future.ready(answer), answer, last: true });
    this.#writeAnswers();
  }

  #ask(request: Request): void {
    const future = this.#acceptor.request(request);
    const exchange: Exchange = { request, future, answer: undefined, last: false };
    this.#exchanges.push(exchange);
    future.onAny((done) => {
      exchange.answer = sendable(done.isReady ? done.value : internalServerError());
      this.#writeAnswers();
    });
  }

  #refuse(): void {
    if (this.#deaf) return;
    // A body that streams is malformed: its request is the one that is refused.
    if (this.#body) this.#exchanges.pop()?.future.discard();
    this.#body?.fail(new MalformedHttpError('The body is malformed'));
    this.#body = undefined;
    this.#answerLast(UNREADABLE_REQUEST, empty(400));
  }

  #writeAnswers(): void {
    while (!this.#streaming && !this.#over) {
      const [exchange] = this.#exchanges;
      if (!exchange?.answer) return;
      this.#exchanges.shift();
      const { request, answer, last } = exchange;
      const closing = { ...answer, headers: { ...answer.headers, connection: 'close' } };
      this.#writeAnswer(request, last ? closing : answer);
      if (last) this.#end();
      else this.#closeIfAsked(request, answer);
    }
  }

  /** An event stream stays open even so: fidelity to Mesos, whose clients ask for it and read on. */
  #closeIfAsked(...by: readonly Pick<Request, 'headers'>[]): void {
    if (!this.#streaming && by.some(closes)) this.#end();
  }

  #end(): void {
    this.#over = true;
    this.#client.close();
  }

  #writeAnswer(request: Request, answer: Response): void {
    const { status, headers, body } = answer;
    if (body instanceof PipeReader) {
      if (isBodiless(request, status)) {
        body.close();
        this.#write(`${headOf(status, headers)}\r\n`);
      } else this.#stream(status, headers, body);
      return;
    }
    const compressed =
      body.byteLength >= GZIP_BYTES_MIN &&
      !headers['content-encoding'] &&
      acceptsGzip(request.headers);
    const sent = compressed ? gzipSync(body) : body;
    const head = { status, headers: compressed ? gzipHeaders(headers) : headers };
    this.#write(`${headOf(status, withLength(request, head, sent.byteLength))}\r\n`);
    if (!isBodiless(request, status)) this.#client.write(sent);
  }

  #stream(status: number, headers: Headers, body: PipeReader): void {
    const chunked = headers['content-length'] === undefined;
    const coding = chunked ? 'transfer-encoding: chunked\r\n' : '';
    this.#write(`${headOf(status, headers)}${coding}\r\n`);
    this.#streaming = body;
    const into: Drain = {
      write: (chunk) => {
        if (chunked) this.#write(`${chunk.byteLength.toString(16)}\r\n`);
        this.#client.write(chunk);
        if (chunked) this.#write('\r\n');
        return true;
      },
      end: () => {
        if (chunked) this.#write('0\r\n\r\n');
        this.#streaming = undefined;
        if (closes({ headers })) this.#end();
        else this.#writeAnswers();
      },
      fail: () => {
        this.#client.terminate();
        body.close();
      },
    };
    drain(body, measured(headers, into));
  }

  #write(text: string): void {
    this.#client.write(new TextEncoder().encode(text));
  }
}

const closes = ({ headers }: Pick<Request, 'headers'>): boolean =>
  connectionOptions(headers).includes('close');

function headOf(status: number, headers: Headers): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}`;
}
