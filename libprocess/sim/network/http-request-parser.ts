import { RuntimeError } from '../../errors.ts';
import type { Request } from '../../http/http.ts';
import { parseQuery } from '../../http/query.ts';

/** A peer's bytes are no HTTP/1.1. */
export class MalformedRequestError extends RuntimeError {
  constructor(message: string) {
    super('MALFORMED_REQUEST', message);
  }
}

type Parsed = Omit<Request, 'remoteAddress'>;

interface Head {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
}

/** Reads HTTP/1.1 requests off a stream of bytes; throws `MalformedRequestError` on what is none. */
export class HttpRequestParser {
  #bytes = Buffer.alloc(0);
  #head: Head | undefined;
  #chunks: Uint8Array[] = [];

  push(bytes: Uint8Array): Parsed[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const requests: Parsed[] = [];
    for (let next = this.#next(); next; next = this.#next()) requests.push(next);
    return requests;
  }

  #next(): Parsed | undefined {
    this.#head ??= this.#readHead();
    const head = this.#head;
    if (!head) return undefined;
    const chunked = head.headers['transfer-encoding']?.toLowerCase() === 'chunked';
    const body = chunked
      ? this.#readChunks()
      : this.#take(Number(head.headers['content-length'] ?? 0));
    if (!body) return undefined;
    this.#head = undefined;
    const mark = head.target.indexOf('?');
    const query = parseQuery(mark < 0 ? '' : head.target.slice(mark + 1));
    if (!query) throw new MalformedRequestError('Malformed query');
    const path = mark < 0 ? head.target : head.target.slice(0, mark);
    return { method: head.method, path, query, headers: head.headers, body };
  }

  #readHead(): Head | undefined {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [first = '', ...lines] = this.#bytes.subarray(0, end).toString('latin1').split('\r\n');
    this.#bytes = this.#bytes.subarray(end + 4);
    const match = /^([A-Z]+) (\/\S*) HTTP\/1\.[01]$/.exec(first);
    if (!match) throw new MalformedRequestError(`Malformed request line '${first}'`);
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      if (colon < 1) throw new MalformedRequestError(`Malformed header '${line}'`);
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    return { method: match[1] ?? '', target: match[2] ?? '/', headers };
  }

  #take(length: number): Uint8Array | undefined {
    if (!Number.isInteger(length) || length < 0)
      throw new MalformedRequestError('Malformed length');
    if (this.#bytes.byteLength < length) return undefined;
    const taken = new Uint8Array(this.#bytes.subarray(0, length));
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  /** Collects chunks as they come; a chunk is taken only when it is here to its end. */
  #readChunks(): Uint8Array | undefined {
    for (;;) {
      const lineEnd = this.#bytes.indexOf('\r\n');
      if (lineEnd < 0) return undefined;
      const size = Number.parseInt(this.#bytes.subarray(0, lineEnd).toString('latin1'), 16);
      if (Number.isNaN(size)) throw new MalformedRequestError('Malformed chunk');
      const end = lineEnd + 2 + size + 2;
      if (this.#bytes.byteLength < end) return undefined;
      this.#chunks.push(new Uint8Array(this.#bytes.subarray(lineEnd + 2, end - 2)));
      this.#bytes = this.#bytes.subarray(end);
      if (size === 0) break;
    }
    const body = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return new Uint8Array(body);
  }
}
