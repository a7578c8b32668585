import type { NetworkError } from '../../errors.ts';
import { FuturePromise, type Future } from '../../future.ts';
import type { Headers } from '../../network.ts';
import { gunzipError, gunzipped } from '../gunzip.ts';
import { connectionOptions } from '../framing.ts';
import type { Response } from '../http.ts';
import { PIPE_BYTES_HIGH } from '../limits.ts';
import { Pipe, type PipeWriter } from '../pipe.ts';
import { MalformedHttpError } from '../wire/malformed-http-error.ts';

export interface PendingAnswerOptions {
  readonly method: string;
  readonly streamed: boolean;
  readonly bodyBytesMax: number;
  /** Stops or goes on reading from the connection. */
  readonly holdBack: (held: boolean) => void;
  /** The reader of a streaming answer closed it before its end. */
  readonly giveUp: () => void;
}

/** The answer to one request on a connection, as it arrives. */
export class PendingAnswer {
  readonly #options: PendingAnswerOptions;
  readonly #promise = new FuturePromise<Response>();
  #status = 0;
  #headers: Headers = {};
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #writer: PipeWriter | undefined;
  #closes = false;

  constructor(options: PendingAnswerOptions) {
    this.#options = options;
    this.#promise.future.onDiscard(() => {
      this.#promise.discard();
    });
  }

  get future(): Future<Response> {
    return this.#promise.future;
  }

  /** How much has come of it; grows with every piece. */
  get come(): number {
    return this.#bytes + (this.#status >= 200 ? 1 : 0);
  }

  /** Whether the server ends the connection after this answer. */
  get closes(): boolean {
    return this.#closes;
  }

  head(start: string, headers: Headers): 'body' | 'none' {
    this.#status = Number(start.slice(9, 12));
    this.#headers = headers;
    const options = connectionOptions(headers);
    this.#closes =
      options.includes('close') ||
      (start.startsWith('HTTP/1.0') && !options.includes('keep-alive'));
    if (this.#status < 200) {
      if (this.#status === 101) throw new MalformedHttpError('Protocols are not switched here');
      return 'none';
    }
    const bodiless =
      this.#options.method === 'HEAD' || this.#status === 204 || this.#status === 304;
    const length = headers['content-length'];
    if (length === undefined && headers['transfer-encoding'] === undefined)
      this.#closes ||= !bodiless;
    if (!bodiless && (this.#options.streamed || length === undefined)) this.#stream();
    return bodiless ? 'none' : 'body';
  }

  data(bytes: Uint8Array): void {
    if (this.#writer) {
      this.#writer.write(bytes.slice());
      if (this.#writer.bufferedBytes < PIPE_BYTES_HIGH) return;
      this.#options.holdBack(true);
      this.#writer.drained().onReady(() => {
        this.#options.holdBack(false);
      });
      return;
    }
    this.#bytes += bytes.byteLength;
    if (this.#bytes > this.#options.bodyBytesMax) {
      const limit = this.#options.bodyBytesMax;
      throw new MalformedHttpError(`The answer is longer than ${limit} bytes`, 'TOO_LONG');
    }
    // Nobody wants the body of an answer that was given up.
    if (this.#promise.future.isPending) this.#chunks.push(bytes.slice());
  }

  /** False if that was no answer yet but a 1xx. */
  ended(): boolean {
    if (this.#status < 200) return false;
    if (this.#writer) this.#writer.close();
    else this.#whole();
    return true;
  }

  broken(error: NetworkError): void {
    if (!this.#promise.fail(error)) this.#writer?.fail(error);
  }

  #stream(): void {
    const { reader, writer } = new Pipe();
    this.#writer = writer;
    writer.readerClosed().onReady(() => {
      this.#options.giveUp();
    });
    const response = { status: this.#status, headers: this.#headers, body: reader };
    if (!this.#promise.set(response)) reader.close();
  }

  #whole(): void {
    const status = this.#status;
    const body = new Uint8Array(Buffer.concat(this.#chunks));
    if (this.#headers['content-encoding']?.toLowerCase() !== 'gzip' || body.byteLength === 0) {
      this.#promise.set({ status, headers: this.#headers, body });
      return;
    }
    const plain = gunzipped(body, this.#options.bodyBytesMax);
    const { 'content-encoding': _coding, 'content-length': _length, ...headers } = this.#headers;
    if (typeof plain !== 'string') this.#promise.set({ status, headers, body: plain });
    else this.#promise.fail(gunzipError(plain, this.#options.bodyBytesMax));
  }
}
