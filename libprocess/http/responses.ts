import type { Headers } from '../network.ts';
import type { Response } from './http.ts';

const encoder = new TextEncoder();

export function text(status: number, body: string, headers: Headers = {}): Response {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
    body: encoder.encode(body),
  };
}

/** `body` is JSON text already: 64-bit digits do not survive `JSON.stringify`. */
export function json(status: number, body: string | Uint8Array, headers: Headers = {}): Response {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? encoder.encode(body) : body,
  };
}

export function empty(status: number, headers: Headers = {}): Response {
  return { status, headers, body: new Uint8Array(0) };
}

export const accepted = (): Response => empty(202);
export const badRequest = (reason: string): Response => text(400, reason);
export const forbidden = (body = '403 Forbidden.'): Response => text(403, body);
/** `challenges` say how to authenticate: `Basic realm="mesos"`. */
export const unauthorized = (challenges: readonly string[], body = '401 Unauthorized.'): Response =>
  text(401, body, { 'www-authenticate': challenges.join(', ') });
export const methodNotAllowed = (allow: string): Response =>
  text(405, '405 Method Not Allowed.', { allow });
export const notFound = (): Response => text(404, '404 Not Found.');
export const internalServerError = (): Response => text(500, 'Internal error; see the log');
export const serviceUnavailable = (): Response => text(503, '503 Service Unavailable.');
export const bodyTooLarge = (bytesMax: number): Response =>
  text(413, `The body is longer than ${bytesMax} bytes`);
