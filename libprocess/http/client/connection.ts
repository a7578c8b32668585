import type { Clock, Millis } from '../../clock.ts';
import { NetworkError } from '../../errors.ts';
import { Future, FuturePromise } from '../../future.ts';
import { Sequence } from '../../futures/sequence.ts';
import { Fifo } from '../../collections/fifo.ts';
import type { ByteConnection, Network } from '../../network.ts';
import { connectionOptions } from '../framing.ts';
import type { Request, Response } from '../http.ts';
import { drain, type PipeReader } from '../pipe.ts';
import { ANSWER_BYTES_MAX, PIPE_BYTES_HIGH, PIPELINED_REQUESTS_MAX } from '../limits.ts';
import { HttpDecoder } from '../wire/http-decoder.ts';
import { MalformedHttpError } from '../wire/malformed-http-error.ts';
import { encodeHead, LAST_CHUNK, chunkHead } from '../wire/encode-request.ts';
import { PendingAnswer } from './pending-answer.ts';

/** How a connection to a server is made. */
export interface HttpConnectOptions {
  readonly network: Network;
  readonly clock: Clock;
  /** `host:port`. */
  readonly address: string;
  /** How long it may take to be connected. Default: 5 s. */
  readonly timeoutMs?: Millis;
}

/** How one request goes over a connection. */
export interface HttpSendOptions {
  /** How long may nothing come of an answer, unless it streams. Then the whole connection ends. Default: 30 s. */
  readonly timeoutMs?: Millis;
  /** Hands the body over as it comes also where its length is known. */
  readonly streamed?: boolean;
  /** Longest body that is read whole; a longer one ends the connection with `EMSGSIZE`. Default: 256 MiB. */
  readonly bodyBytesMax?: number;
}

const CONNECT_TIMEOUT_MS: Millis = 5_000;
const ANSWER_TIMEOUT_MS: Millis = 30_000;
const CRLF = new TextEncoder().encode('\r\n');

/**
 * One connection to a server, for requests whose order matters: they leave in the order of `send`, do
 * not wait for one another's answers, and are answered in that order. It ends for all of them at once:
 * when either side closes it or says `Connection: close`, when an answer is malformed or late, and when
 * the reader of a streaming answer gives up.
 */
export class HttpConnection implements AsyncDisposable {
  readonly #address: string;
  readonly #clock: Clock;
  readonly #connection: ByteConnection;
  readonly #disconnected = new FuturePromise<void>();
  readonly #sending = new Sequence();
  /** Sent, and not answered to the end; in the order of the requests. */
  readonly #pending = new Fifo<PendingAnswer>();
  readonly #decoder = new HttpDecoder('response', {
    onHead: (start, headers) => this.#current().head(start, headers),
    onData: (bytes) => this.#data(bytes),
    onEnd: () => this.#ended(),
  });
  /** Gives up the body that is being sent. */
  #stopPouring: () => void = () => undefined;
  /** Why no more can be sent. */
  #closing: string | undefined;

  private constructor(
    { address, clock, network }: HttpConnectOptions,
    opened: (connection: HttpConnection) => void,
  ) {
    this.#address = address;
    this.#clock = clock;
    this.#connection = network.connect(address, {
      onOpen: () => {
        opened(this);
      },
      onBytes: (bytes) => {
        this.#received(bytes);
      },
      onClose: (reason, clean) => {
        this.#closed(reason, clean);
      },
    });
  }

  /** Fails with `NetworkError`. Discarding the future gives up. */
  static connect(options: HttpConnectOptions): Future<HttpConnection> {
    const promise = new FuturePromise<HttpConnection>();
    const connection = new HttpConnection(options, (open) => promise.set(open));
    const fail = (code: string, reason: string): void => {
      const message = `Failed to connect to ${options.address}: ${reason}`;
      promise.fail(new NetworkError(code, message));
      connection.#end(reason);
    };
    const timer = options.clock.timer(options.timeoutMs ?? CONNECT_TIMEOUT_MS, () => {
      fail('ETIMEDOUT', 'timed out');
    });
    connection.#disconnected.future.onReady(() => {
      fail('ECONNREFUSED', connection.#closing ?? 'refused');
    });
    promise.future.onDiscard(() => {
      promise.discard();
      connection.#end('given up');
    });
    promise.future.onSettled(() => {
      timer[Symbol.dispose]();
    });
    return promise.future;
  }

  /** Ready once the connection has ended, whoever ended it. */
  get disconnected(): Future<void> {
    return this.#disconnected.future;
  }

  /**
   * Sends a request; ready when the head of its answer has come. Bodies as in `Network.request`, save that
   * a streaming one in gzip stays so. Fails with `NetworkError`. Discarding the future drops the answer.
   */
  send(request: Omit<Request, 'remoteAddress'>, options: HttpSendOptions = {}): Future<Response> {
    const refused =
      this.#closing ?? (this.#pending.size >= PIPELINED_REQUESTS_MAX && 'too many requests');
    if (refused) {
      request.reader?.close();
      return Future.failed(this.#error('ECONNRESET', refused));
    }
    let head: Uint8Array;
    try {
      head = encodeHead(request, this.#address);
    } catch (error) {
      request.reader?.close();
      return Future.failed(error);
    }
    const { timeoutMs = ANSWER_TIMEOUT_MS, streamed = false } = options;
    const { bodyBytesMax = ANSWER_BYTES_MAX } = options;
    const pending = new PendingAnswer({
      method: request.method,
      streamed,
      bodyBytesMax,
      holdBack: (held) => {
        if (held) this.#connection.pause();
        else this.#connection.resume();
      },
      giveUp: () => {
        this.#end('given up by the reader of an answer');
      },
    });
    this.#pending.push(pending);
    let come = 0;
    const wait = (): Disposable =>
      this.#clock.timer(timeoutMs, () => {
        if (pending.come > come) timer = wait();
        else this.#end(`no answer within ${timeoutMs} ms`, 'ETIMEDOUT');
        come = pending.come;
      });
    let timer = wait();
    pending.future.onSettled(() => {
      timer[Symbol.dispose]();
    });
    if (connectionOptions(request.headers).includes('close')) this.#closing = 'closed by us';
    this.#sending.add(() => this.#write(head, request));
    return pending.future;
  }

  /** Ends the connection now. */
  disconnect(): void {
    this.#end('disconnected');
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disconnect();
    return Promise.resolve();
  }

  /** Ready when the whole request has been handed to the connection. */
  #write(head: Uint8Array, { body, reader }: Omit<Request, 'remoteAddress'>): Future<void> {
    if (this.#disconnected.future.isReady) {
      reader?.close();
      return Future.ready();
    }
    this.#connection.write(head);
    if (!reader) {
      if (body.byteLength > 0) this.#connection.write(body);
      return Future.ready();
    }
    return this.#pour(reader);
  }

  #pour(reader: PipeReader): Future<void> {
    const written = new FuturePromise<void>();
    this.#stopPouring = () => {
      reader.close();
      written.set(undefined);
    };
    const flow = drain(reader, {
      write: (chunk) => {
        this.#connection.write(chunkHead(chunk.byteLength));
        this.#connection.write(chunk);
        this.#connection.write(CRLF, () => {
          flow.resume();
        });
        return this.#connection.bufferedBytes < PIPE_BYTES_HIGH;
      },
      end: () => {
        this.#connection.write(LAST_CHUNK);
        written.set(undefined);
      },
      fail: () => {
        this.#end('the body of a request broke off');
      },
    });
    return written.future;
  }

  #received(bytes: Uint8Array): void {
    try {
      this.#decoder.push(bytes);
    } catch (error) {
      if (!(error instanceof MalformedHttpError)) throw error;
      const code = error.code === 'TOO_LONG' ? 'EMSGSIZE' : 'EBADMSG';
      this.#end(`a malformed answer: ${error.message}`, code);
    }
  }

  #current(): PendingAnswer {
    const pending = this.#pending.first;
    if (!pending) throw new MalformedHttpError('An answer to no request');
    return pending;
  }

  #data(bytes: Uint8Array): void {
    this.#current().data(bytes);
  }

  #ended(): void {
    const pending = this.#current();
    // 100 Continue and the like: the answer is still to come.
    if (!pending.ended()) return;
    this.#pending.shift();
    if (pending.closes) this.#end('closed by the peer');
    else if (this.#closing !== undefined && this.#pending.size === 0) this.#end(this.#closing);
  }

  /** Only a clean end is the end of a body that has no other; else what came may be half of it. */
  #closed(reason: string, clean: boolean): void {
    try {
      if (clean) this.#decoder.finish();
    } catch (error) {
      if (!(error instanceof MalformedHttpError)) throw error;
    }
    this.#end(reason);
  }

  #end(reason: string, code = 'ECONNRESET'): void {
    if (this.#disconnected.future.isReady) return;
    this.#closing = reason;
    this.#disconnected.set(undefined);
    this.#connection.terminate();
    this.#stopPouring();
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
      next.broken(this.#error(code, reason));
    }
  }

  #error(code: string, reason: string): NetworkError {
    return new NetworkError(code, `Failed to request of ${this.#address}: ${reason}`);
  }
}
