import { gunzipped } from '../../http/gunzip.ts';
import type { Request, Response } from '../../http/http.ts';
import { MESSAGE_BODY_BYTES_MAX, REQUEST_BODY_BYTES_MAX } from '../../http/limits.ts';
import { Pipe } from '../../http/pipe.ts';
import { badRequest, bodyTooLarge } from '../../http/responses.ts';
import type { Acceptor } from '../../network.ts';

/** A request whose body is here, as the acceptor wants it; or the answer that refuses it. */
export function arrivedBody(request: Request, acceptor: Acceptor): Request | Response {
  const { headers } = request;
  const isMessage = headers['libprocess-from'] ?? headers['user-agent']?.startsWith('libprocess/');
  const limit = isMessage ? MESSAGE_BODY_BYTES_MAX : REQUEST_BODY_BYTES_MAX;
  const streams = acceptor.streams?.(request) ?? false;
  if (!streams && request.body.byteLength > limit) return bodyTooLarge(limit);
  const plain = plainRequest(request, limit);
  if ('status' in plain || !streams) return plain;
  const { reader, writer } = new Pipe();
  writer.write(plain.body);
  writer.close();
  return { ...plain, body: new Uint8Array(0), reader };
}

function plainRequest(request: Request, limit: number): Request | Response {
  if (request.headers['content-encoding'] !== 'gzip') return request;
  const body = gunzipped(request.body, limit);
  if (body === 'bomb') return bodyTooLarge(limit);
  if (body === 'malformed') return badRequest('Failed to decompress the body');
  const { 'content-encoding': _coding, 'content-length': _length, ...headers } = request.headers;
  return { ...request, headers, body };
}
