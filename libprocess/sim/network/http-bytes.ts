import { STATUS_CODES } from 'node:http';
import type { Future } from '../../future.ts';
import type { BodyWriter, Response } from '../../http/http.ts';
import { internalServerError } from '../../http/responses.ts';
import type { Acceptor, ByteConnection, ByteConnectionEvents } from '../../network.ts';
import { HttpRequestParser, MalformedRequestError } from './http-request-parser.ts';

interface Exchange {
  readonly future: Future<Response>;
  answer: Response | undefined;
}

/** Serves a node's acceptor to a peer that speaks HTTP/1.1 in raw bytes, pipelined. */
export class HttpBytes implements ByteConnectionEvents {
  readonly #acceptor: Acceptor;
  readonly #client: ByteConnection;
  readonly #remoteAddress: string;
  readonly #parser = new HttpRequestParser();
  /** In the order of the requests, which is the order of the answers. */
  readonly #exchanges: Exchange[] = [];
  #writer: ChunkWriter | undefined;

  constructor(acceptor: Acceptor, client: ByteConnection, remoteAddress: string) {
    this.#acceptor = acceptor;
    this.#client = client;
    this.#remoteAddress = remoteAddress;
  }

  onOpen(): void {
    // A server's connection is open when it hears of it.
  }

  onBytes(bytes: Uint8Array): void {
    try {
      for (const request of this.#parser.push(bytes)) {
        const future = this.#acceptor.request({ ...request, remoteAddress: this.#remoteAddress });
        const exchange: Exchange = { future, answer: undefined };
        this.#exchanges.push(exchange);
        future.onAny((done) => {
          exchange.answer = done.isReady ? done.value : internalServerError();
          this.#writeAnswers();
        });
      }
    } catch (error) {
      if (!(error instanceof MalformedRequestError)) throw error;
      this.#write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      this.#client.close();
    }
  }

  onClose(): void {
    this.#writer?.closed();
    for (const { future } of this.#exchanges) future.discard();
  }

  #writeAnswers(): void {
    while (!this.#writer) {
      const [exchange] = this.#exchanges;
      if (!exchange?.answer) return;
      this.#exchanges.shift();
      this.#writeAnswer(exchange.answer);
    }
  }

  #writeAnswer({ status, headers, body }: Response): void {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}`;
    if (body instanceof Uint8Array) {
      this.#write(`${head}content-length: ${body.byteLength}\r\n\r\n`);
      this.#client.write(body);
      return;
    }
    this.#write(`${head}transfer-encoding: chunked\r\n\r\n`);
    this.#writer = new ChunkWriter(this.#client, () => {
      this.#writer = undefined;
      this.#writeAnswers();
    });
    body(this.#writer);
  }

  #write(text: string): void {
    this.#client.write(new TextEncoder().encode(text));
  }
}

class ChunkWriter implements BodyWriter {
  readonly #client: ByteConnection;
  readonly #onEnd: () => void;
  readonly #listeners: (() => void)[] = [];
  #over = false;

  constructor(client: ByteConnection, onEnd: () => void) {
    this.#client = client;
    this.#onEnd = onEnd;
  }

  get bufferedBytes(): number {
    return this.#client.bufferedBytes;
  }

  write(chunk: Uint8Array): void {
    if (this.#over || chunk.byteLength === 0) return;
    this.#client.write(new TextEncoder().encode(`${chunk.byteLength.toString(16)}\r\n`));
    this.#client.write(chunk);
    this.#client.write(new TextEncoder().encode('\r\n'));
  }

  end(): void {
    if (this.#over) return;
    this.#client.write(new TextEncoder().encode('0\r\n\r\n'));
    this.closed();
    this.#onEnd();
  }

  abort(): void {
    if (!this.#over) this.#client.terminate();
  }

  onClose(listener: () => void): void {
    if (this.#over) listener();
    else this.#listeners.push(listener);
  }

  closed(): void {
    if (this.#over) return;
    this.#over = true;
    for (const listener of this.#listeners) listener();
  }
}
