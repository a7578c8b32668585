import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Millis } from '../../clock.ts';
import { NetworkError } from '../../errors.ts';
import { FuturePromise, type Future } from '../../future.ts';
import type { Request, Response } from '../../http/http.ts';
import { ANSWER_BYTES_MAX } from '../../http/limits.ts';
import { checkHead } from '../../http/wire/encode-request.ts';
import { encodeQuery } from '../../http/url.ts';
import { splitHostPort } from '../../ip.ts';
import type { Headers, RequestOptions } from '../../network.ts';
import { plainBody, streamBody } from './body.ts';
import { headersOf, plainHeaders, pour } from './messages.ts';
import { networkError } from '../network-error.ts';
import { timerDelay } from '../timer-delay.ts';
import { DialingAgent } from '../tls/dialing-agent.ts';
import type { TlsDialer } from '../tls/tls-dialer.ts';

/** Connections to one server that are kept for the next request, and for how long. */
const IDLE_CONNECTIONS_MAX = 8;
const IDLE_TIMEOUT_MS = 4_000;

/** HTTP requests of one node; connections that are open are used again. */
export class HttpClient {
  readonly #agent: http.Agent;
  /** Of `https`. Where the network has no TLS of its own it trusts whom Node.js trusts. */
  readonly #secureAgent: http.Agent;

  /** With a dialer all its connections are secured by that. */
  constructor(dialer?: TlsDialer) {
    const options = {
      keepAlive: true,
      maxFreeSockets: IDLE_CONNECTIONS_MAX,
      timeout: IDLE_TIMEOUT_MS,
      noDelay: true,
    };
    this.#agent = dialer ? new DialingAgent(dialer, options) : new http.Agent(options);
    this.#secureAgent = dialer
      ? new DialingAgent(dialer, { ...options, secureOnly: true })
      : new https.Agent(options);
  }

  request(
    address: string,
    request: Omit<Request, 'remoteAddress'>,
    { timeoutMs, signal, bodyBytesMax = ANSWER_BYTES_MAX, secure = false }: RequestOptions,
  ): Future<Response> {
    const promise = new FuturePromise<Response>();
    const fail = (cause: unknown): void => {
      promise.fail(networkError(`Failed to request ${request.path} of ${address}`, cause));
    };
    let outgoing: ClientRequest;
    try {
      checkHead(request);
      const agent = secure ? this.#secureAgent : this.#agent;
      const { request: open } = agent instanceof https.Agent ? https : http;
      outgoing = open({
        agent,
        ...splitHostPort(address),
        method: request.method,
        path: target(request),
        headers: { host: address, ...framedByNode(request.headers) },
        setHost: false,
        ...(signal && { signal }),
      });
    } catch (error) {
      // It would be another request on the wire, or is for nobody: that is never sent.
      request.reader?.close();
      fail(error);
      return promise.future;
    }
    send(outgoing, request);
    const timer = setTimeout(() => {
      outgoing.destroy(new NetworkError('ETIMEDOUT', `no answer within ${timeoutMs} ms`));
    }, timerDelay(timeoutMs));
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
    outgoing.on('response', (incoming) => {
      clearTimeout(timer);
      receive(incoming, { method: request.method, promise, fail, timeoutMs, bodyBytesMax });
    });
    promise.future.onDiscard(() => {
      outgoing.destroy();
      promise.discard();
    });
    return promise.future;
  }
}

function send(outgoing: ClientRequest, { body, reader }: Omit<Request, 'remoteAddress'>): void {
  if (reader) {
    outgoing.once('close', () => reader.close());
    outgoing.flushHeaders();
    pour(reader, outgoing);
    return;
  }
  if (body.length > 0) outgoing.setHeader('content-length', body.length);
  outgoing.end(body.length > 0 ? body : undefined);
}

/** Length and coding of the body are what it has: with others a server would take a part for the next request. */
const framedByNode = (headers: Headers): Headers =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name)),
  );

function target({ path, query }: Pick<Request, 'path' | 'query'>): string {
  const search = encodeQuery(query);
  return search === '' ? path : `${path}?${search}`;
}

/**
 * Whether a body ends with its connection, and that is of TLS: Node.js does not tell an end that the server made
 * from one that anybody on the way can make (RFC 9112, 9.8).
 */
const endsUnseen = ({ headers, socket }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && 'encrypted' in socket;

interface Asked {
  readonly method: string;
  readonly promise: FuturePromise<Response>;
  readonly fail: (cause: unknown) => void;
  readonly timeoutMs: Millis;
  readonly bodyBytesMax: number;
}

/** An answer with a length, or without a body, is read whole; any other is a stream. */
function receive(
  incoming: IncomingMessage,
  { method, promise, fail, timeoutMs, bodyBytesMax }: Asked,
): void {
  const status = incoming.statusCode ?? 0;
  const headers = plainHeaders(headersOf(incoming));
  const streams =
    incoming.headers['content-length'] === undefined && status !== 204 && status !== 304;
  if (streams) {
    incoming.on('error', () => undefined); // Told by `close`, before `end`.
    const body = streamBody(
      incoming,
      () => incoming.destroy(),
      method !== 'HEAD' && endsUnseen(incoming),
    );
    if (!promise.set({ status, headers, body })) body.close();
    return;
  }
  const source = plainBody(incoming);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  source.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes <= bodyBytesMax) chunks.push(chunk);
    else {
      // All of it may be here, compressed: then there is nothing to destroy that would tell.
      fail(new NetworkError('EMSGSIZE', `the answer is longer than ${bodyBytesMax} bytes`));
      incoming.destroy();
    }
  });
  const stalled = setTimeout(() => {
    incoming.destroy(new NetworkError('ETIMEDOUT', `nothing more came within ${timeoutMs} ms`));
  }, timerDelay(timeoutMs));
  incoming.on('data', () => stalled.refresh());
  incoming.once('close', () => {
    clearTimeout(stalled);
  });
  source.on('error', fail);
  incoming.on('error', fail);
  source.on('end', () => {
    promise.set({ status, headers, body: Buffer.concat(chunks) });
  });
}
