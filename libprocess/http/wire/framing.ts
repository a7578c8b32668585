import type { Headers } from '../../network.ts';
import { MalformedHttpError } from './malformed-http-error.ts';

/** Of a path, of the server itself, of a URL, or of a host (RFC 9112, 3.2). */
const REQUEST_LINE =
  /^(?:[A-Z]{1,32} (?:\/|\*|[Hh][Tt][Tt][Pp][Ss]?:\/\/)|CONNECT )[\x21-\x7e]* HTTP\/1\.([01])$/;
const STATUS_LINE = /^HTTP\/1\.([01]) [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const LENGTH = /^\d{1,15}$/;

/** How long a body is (RFC 9112 §6.3). Throws if there are two answers, or a start line that is none. */
export function bodyFraming(
  kind: 'request' | 'response',
  start: string,
  headers: Headers,
): number | 'chunked' | 'until-end' {
  const match = (kind === 'request' ? REQUEST_LINE : STATUS_LINE).exec(start);
  if (!match) throw new MalformedHttpError('The first line is malformed');
  const coding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (coding !== undefined) {
    if (length !== undefined) throw new MalformedHttpError('A body has a length and chunks');
    if (match[1] === '0') throw new MalformedHttpError('HTTP/1.0 knows no chunks');
    if (coding.toLowerCase() !== 'chunked') {
      throw new MalformedHttpError('Only chunked is a transfer encoding here');
    }
    return 'chunked';
  }
  if (length === undefined) return kind === 'request' ? 0 : 'until-end';
  if (!LENGTH.test(length)) throw new MalformedHttpError('The length of a body is malformed');
  return Number(length);
}
