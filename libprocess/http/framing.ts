import { RuntimeError } from '../errors.ts';
import type { Headers } from '../network.ts';
import type { Request, Response } from './http.ts';
import type { Drain } from './pipe.ts';

/** A stream had more bytes than it said, or fewer. */
export class BodyLengthError extends RuntimeError {
  constructor(reason: string) {
    super('BODY_LENGTH', `Failed to answer: ${reason}`);
  }
}

/** Of one connection, not of an answer (RFC 9110, 7.6.1): a handler may have them from a server of its own. */
const OF_CONNECTION = new Set([
  'keep-alive',
  'proxy-connection',
  'connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** What a `Connection` header lists, in lower case: `close`, `keep-alive`, headers that are of the connection. */
export function connectionOptions({ connection = '' }: Headers): readonly string[] {
  return connection
    .toLowerCase()
    .split(',')
    .map((option) => option.trim());
}

/**
 * The headers of an answer as a server may send them: names in lower case, of two that differ by case the later,
 * and none by which a handler would say how the body is cut. It may ask for the end of the connection.
 */
export function endToEnd({ status, headers }: Omit<Response, 'body'>): Headers {
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) given.set(name.toLowerCase(), value);
  const options = connectionOptions({ connection: given.get('connection') ?? '' });
  for (const name of [...OF_CONNECTION, ...options]) given.delete(name);
  if (options.includes('close')) given.set('connection', 'close');
  if (status === 204) given.delete('content-length'); // It tells none (RFC 9110, 8.6).
  return Object.fromEntries(given);
}

/** Whether no byte of a body may follow the head. */
export const isBodiless = ({ method }: Request, status: number): boolean =>
  method === 'HEAD' || status === 204 || status === 304;

/**
 * Of a body that is there as a whole. What has none of its own may tell the length of another: the answer to a
 * HEAD that of the GET, 304 that of what has not changed.
 */
export function withLength(
  { method }: Request,
  { status, headers }: Omit<Response, 'body'>,
  lengthBytes: number,
): Headers {
  const { 'content-length': declared, ...others } = headers;
  if (status === 204 || status === 304) return headers;
  if (method === 'HEAD' && lengthBytes === 0 && declared !== undefined) return headers;
  return { ...others, 'content-length': String(lengthBytes) };
}

/**
 * Hands on what a stream said that it has, and fails if it ends before; or when there is more, of which no byte
 * may leave: it would stand for the next answer. Without a length everything passes.
 */
export function measured(headers: Headers, into: Drain): Drain {
  const declared = headers['content-length'];
  if (declared === undefined) return into;
  let leftBytes = Number(declared);
  let broken = false;
  const fail = (error: unknown): void => {
    if (broken) return;
    broken = true;
    into.fail(error);
  };
  return {
    write: (chunk) => {
      leftBytes -= chunk.byteLength;
      if (leftBytes >= 0) return into.write(chunk);
      fail(new BodyLengthError(`a stream has more than its ${declared} bytes`));
      return false;
    },
    end: () => {
      if (leftBytes === 0) into.end();
      else fail(new BodyLengthError(`a stream ended ${leftBytes} bytes before its ${declared}`));
    },
    fail,
  };
}
