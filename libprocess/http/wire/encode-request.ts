import { RuntimeError } from '../../errors.ts';
import type { Request } from '../http.ts';
import { encodeQuery } from '../url.ts';
import { isHeader } from './header-line.ts';

const METHOD = /^[A-Z]{1,32}$/;
const PATH = /^\/[\x21\x24-\x3e\x40-\x7e]*$/;
const encoder = new TextEncoder();

export const LAST_CHUNK = encoder.encode('0\r\n\r\n');
export const chunkHead = (bytes: number): Uint8Array => encoder.encode(`${bytes.toString(16)}\r\n`);

/** A request that would be another one, or two, on the wire: a line break in a header, a blank in a path. */
export class BadRequestError extends RuntimeError {
  constructor(what: string) {
    super('BAD_REQUEST', `Failed to encode a request: ${what}`);
  }
}

/** Throws `BadRequestError` for what no client sends. */
export function checkHead({
  method,
  path,
  headers,
}: Pick<Request, 'method' | 'path' | 'headers'>): void {
  if (!METHOD.test(method)) throw new BadRequestError(`method '${method}'`);
  if (!PATH.test(path)) throw new BadRequestError('a path begins with / and is percent-encoded');
  for (const [name, value] of Object.entries(headers))
    if (!isHeader(name, value)) throw new BadRequestError(`header '${name}'`);
}

/** Start line and headers. Length and encoding of the body are ours to say. Throws `BadRequestError`. */
export function encodeHead(request: Omit<Request, 'remoteAddress'>, address: string): Uint8Array {
  const { method, path, query, headers, body, reader } = request;
  checkHead(request);
  const search = encodeQuery(query);
  const lines = [`${method} ${path}${search === '' ? '' : `?${search}`} HTTP/1.1`];
  if (headers['host'] === undefined) lines.push(`host: ${address}`);
  for (const [name, value] of Object.entries(headers)) {
    if (!OURS.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  if (reader) lines.push('transfer-encoding: chunked');
  else if (body.byteLength > 0 || WITH_BODY.has(method)) {
    lines.push(`content-length: ${body.byteLength}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

const OURS = new Set(['content-length', 'transfer-encoding']);
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);
