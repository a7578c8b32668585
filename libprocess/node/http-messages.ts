import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import type { BodyWriter, Request, Response } from '../http/http.ts';
import { acceptsGzip } from '../http/negotiation.ts';
import { parseQuery } from '../http/query.ts';
import type { Headers } from '../network.ts';
import { remoteAddressOf } from './ws-connection.ts';

/** Bodies from this size on are compressed for those who accept it. */
const GZIP_BYTES_MIN = 1_024;

/** Lower-case names, repeated values joined; a table without a prototype, as names come from peers. */
export function headersOf(message: IncomingMessage): Headers {
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}

/** Undefined if the query is malformed. */
export function toRequest(message: IncomingMessage, body: Uint8Array): Request | undefined {
  const url = message.url ?? '/';
  const hash = url.indexOf('#');
  const target = hash < 0 ? url : url.slice(0, hash);
  const mark = target.indexOf('?');
  const query = parseQuery(mark < 0 ? '' : target.slice(mark + 1));
  if (!query) return undefined;
  return {
    method: message.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query,
    headers: headersOf(message),
    body,
    remoteAddress: remoteAddressOf(message.socket),
  };
}

/** Writes an answer; a body that is a function streams, one chunk a write. */
export function writeResponse(to: ServerResponse, request: Request, response: Response): void {
  const { body } = response;
  if (to.destroyed) return;
  if (typeof body === 'function') {
    to.writeHead(response.status, response.headers);
    if (request.method === 'HEAD') {
      to.end();
      return;
    }
    to.flushHeaders();
    body(new ResponseWriter(to));
    return;
  }
  const compressible =
    body.length >= GZIP_BYTES_MIN &&
    response.headers['content-encoding'] === undefined &&
    acceptsGzip(request.headers);
  if (!compressible) {
    writeWhole(to, response, body);
    return;
  }
  gzip(body, (error, compressed) => {
    if (error) writeWhole(to, response, body);
    else
      writeWhole(
        to,
        { ...response, headers: { 'content-encoding': 'gzip', ...response.headers } },
        compressed,
      );
  });
}

function writeWhole(to: ServerResponse, { status, headers }: Response, body: Uint8Array): void {
  if (to.destroyed) return;
  to.writeHead(status, { ...headers, 'content-length': body.length });
  to.end(body);
}

class ResponseWriter implements BodyWriter {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  write(chunk: Uint8Array): void {
    if (!this.#response.writableEnded && !this.#response.destroyed) this.#response.write(chunk);
  }

  end(): void {
    this.#response.end();
  }

  abort(): void {
    if (!this.#response.writableEnded) this.#response.destroy();
  }

  onClose(listener: () => void): void {
    if (this.#response.closed) listener();
    else this.#response.once('close', listener);
  }
}
