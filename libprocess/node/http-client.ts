import http, { type IncomingMessage } from 'node:http';
import { NetworkError } from '../errors.ts';
import { FuturePromise, type Future } from '../future.ts';
import type { BodyWriter, Request, Response } from '../http/http.ts';
import type { RequestOptions } from '../network.ts';
import { headersOf } from './http-messages.ts';
import { networkError } from './network-error.ts';

/** Connections to one server that are kept for the next request, and for how long. */
const IDLE_CONNECTIONS_MAX = 8;
const IDLE_TIMEOUT_MS = 4_000;
/** Longest body of an answer that is handed over whole. */
const ANSWER_BYTES_MAX = 256 * 1_024 * 1_024;

/** HTTP requests of one node; connections that are open are used again. */
export class HttpClient {
  readonly #agent = new http.Agent({
    keepAlive: true,
    maxFreeSockets: IDLE_CONNECTIONS_MAX,
    timeout: IDLE_TIMEOUT_MS,
    noDelay: true,
  });

  request(
    address: string,
    request: Omit<Request, 'remoteAddress'>,
    { timeoutMs, signal }: RequestOptions,
  ): Future<Response> {
    const promise = new FuturePromise<Response>();
    const fail = (cause: unknown): void => {
      promise.fail(networkError(`Failed to request ${request.path} of ${address}`, cause));
    };
    const colon = address.lastIndexOf(':');
    const outgoing = http.request({
      agent: this.#agent,
      host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
      port: Number(address.slice(colon + 1)),
      method: request.method,
      path: target(request),
      headers: { host: address, ...request.headers },
      setHost: false,
      ...(signal && { signal }),
    });
    const timer = setTimeout(() => {
      outgoing.destroy(new NetworkError('ETIMEDOUT', `no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
    outgoing.on('response', (incoming) => {
      clearTimeout(timer);
      receive(incoming, promise, fail);
    });
    promise.future.onDiscard(() => {
      outgoing.destroy();
      promise.discard();
    });
    if (request.body.length > 0) outgoing.setHeader('content-length', request.body.length);
    outgoing.end(request.body.length > 0 ? request.body : undefined);
    return promise.future;
  }
}

function target({ path, query }: Pick<Request, 'path' | 'query'>): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

/** An answer with a length, or without a body, is read whole; any other is a stream. */
function receive(
  incoming: IncomingMessage,
  promise: FuturePromise<Response>,
  fail: (cause: unknown) => void,
): void {
  const status = incoming.statusCode ?? 0;
  const headers = headersOf(incoming);
  const streams = headers['content-length'] === undefined && status !== 204 && status !== 304;
  if (streams) {
    incoming.on('error', () => undefined); // Told again by `close`, before `end`.
    promise.set({
      status,
      headers,
      body: (writer) => {
        pipe(incoming, writer);
      },
    });
    return;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  incoming.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > ANSWER_BYTES_MAX) incoming.destroy(new NetworkError('EMSGSIZE', 'answer too long'));
  });
  incoming.on('error', fail);
  incoming.on('end', () => {
    promise.set({ status, headers, body: Buffer.concat(chunks) });
  });
}

function pipe(incoming: IncomingMessage, writer: BodyWriter): void {
  let ended = false;
  writer.onClose(() => incoming.destroy());
  incoming.on('data', (chunk: Uint8Array) => {
    writer.write(chunk);
  });
  incoming.on('end', () => {
    ended = true;
    writer.end();
  });
  incoming.on('close', () => {
    if (!ended) writer.abort('the peer broke off');
  });
  if (incoming.closed && !incoming.readableEnded) writer.abort('the peer broke off');
}
