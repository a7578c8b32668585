import { RuntimeError } from '../../errors.ts';

/** Bytes that are no HTTP/1.1; `code` is `TOO_LONG` if they are only too many. */
export class MalformedHttpError extends RuntimeError {
  constructor(message: string, code: 'MALFORMED_HTTP' | 'TOO_LONG' = 'MALFORMED_HTTP') {
    super(code, message);
  }
}
