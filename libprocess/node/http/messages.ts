import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Writable } from 'node:stream';
import { gzip } from 'node:zlib';
import { sendable } from '../../http/answer.ts';
import { isBodiless, measured, withLength } from '../../http/framing.ts';
import type { Request, Response } from '../../http/http.ts';
import { GZIP_BYTES_MIN } from '../../http/limits.ts';
import { acceptsGzip, gzipHeaders } from '../../http/negotiation.ts';
import { drain, PipeReader } from '../../http/pipe.ts';
import { requestTarget } from '../../http/wire/request-target.ts';
import type { Headers } from '../../network.ts';
import { remoteAddressOf } from '../websocket/ws-connection.ts';

const NOTHING = new Uint8Array(0);

/** Lower-case names, repeated values joined; a table without a prototype, as names come from peers. */
export function headersOf(message: IncomingMessage): Headers {
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}

/** The headers as they are once the body is plain: what was gzip is decompressed before it is seen. */
export function plainHeaders(headers: Headers): Headers {
  if (headers['content-encoding']?.toLowerCase() !== 'gzip') return headers;
  const plain = Object.assign(Object.create(null), headers) as Record<string, string>;
  delete plain['content-encoding'];
  delete plain['content-length'];
  return plain;
}

/** Of a request whose body is still to come. Undefined if it is none of ours: two hosts, HTTP/0.9, a bad target. */
export function toRequest(message: IncomingMessage): Request | undefined {
  if (message.httpVersionMajor !== 1 || hosts(message) > 1) return undefined;
  const { method = 'GET', url = '/' } = message;
  const target = requestTarget(method, url);
  if (!target) return undefined;
  const { path, query, host } = target;
  const headers = headersOf(message);
  return {
    method,
    path,
    query,
    headers: host === undefined ? headers : Object.assign(headers, { host }),
    body: NOTHING,
    remoteAddress: remoteAddressOf(message.socket),
  };
}

/** Node.js takes the first of several; whoever stands in front of it may take another. */
const hosts = ({ rawHeaders }: IncomingMessage): number =>
  rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;

/** Whether a request asks for the one protocol that a connection may be upgraded to. */
export const wantsWebSocket = ({ headers }: IncomingMessage): boolean =>
  (headers.upgrade ?? '').split(',').some((each) => each.trim().toLowerCase() === 'websocket');

/**
 * Puts a request back before what follows it on its connection, without its wish for another protocol, which a
 * server may pass over (RFC 9110, 7.8): `h2c` of curl and Java, mostly. Node.js 20 takes every upgrade for one
 * that will be made, and reads no more. The connection ends with the answer.
 */
export function putBack(message: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = message;
  const lines = [`${method ?? ''} ${url ?? ''} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (DROPPED.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${rawHeaders[at + 1] ?? ''}`);
  }
  lines.push('Connection: close', '', '');
  socket.unshift(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), head]));
}

const DROPPED = new Set(['connection', 'upgrade', 'http2-settings']);

/** Writes an answer, or a 500 if it is none; one whose body is a reader streams, one chunk a write. */
export function writeResponse(to: ServerResponse, request: Request, response: Response): void {
  const { body, ...head } = sendable(response);
  const answer = { request, ...head };
  if (body instanceof PipeReader) {
    writeStream(to, answer, body);
    return;
  }
  const compressible =
    body.length >= GZIP_BYTES_MIN &&
    answer.headers['content-encoding'] === undefined &&
    acceptsGzip(request.headers);
  if (!compressible) {
    writeWhole(to, answer, body);
    return;
  }
  gzip(body, (error, compressed) => {
    if (error) writeWhole(to, answer, body);
    else writeWhole(to, { ...answer, headers: gzipHeaders(answer.headers) }, compressed);
  });
}

/** Of an answer, with headers that may be sent. */
interface Head extends Omit<Response, 'body'> {
  readonly request: Request;
}

function writeWhole(to: ServerResponse, { request, ...head }: Head, body: Uint8Array): void {
  if (to.destroyed) return;
  to.writeHead(head.status, withLength(request, head, body.length));
  to.end(body);
}

/** Without a body where none may follow, as for a client that asked for none (HEAD). */
function writeStream(
  to: ServerResponse,
  { request, status, headers }: Head,
  reader: PipeReader,
): void {
  if (to.destroyed || isBodiless(request, status)) {
    reader.close();
    if (!to.destroyed) to.writeHead(status, headers).end();
    return;
  }
  to.once('close', () => reader.close());
  to.writeHead(status, headers);
  to.flushHeaders();
  // What ends with its connection must not seem to have ended where it broke off. TLS knows no reset.
  const { socket } = to;
  const framed = to.chunkedEncoding || headers['content-length'] !== undefined;
  const resets = !framed && socket && !('encrypted' in socket);
  const fail = (): void => {
    if (resets) socket.resetAndDestroy();
    else to.destroy();
  };
  pour(reader, to, { headers, fail });
}

interface PourOptions {
  /** Their length, if they tell one, is kept to. */
  readonly headers?: Headers;
  readonly fail?: () => void;
}

/** Hands on what comes through a pipe, no faster than it leaves. */
export function pour(
  reader: PipeReader,
  to: Writable & { destroy(): unknown },
  { headers = {}, fail = () => void to.destroy() }: PourOptions = {},
): void {
  const flow = drain(
    reader,
    measured(headers, {
      write: (chunk) => to.write(chunk),
      end: () => to.end(),
      fail,
    }),
  );
  to.on('drain', () => {
    flow.resume();
  });
}
