import type { Headers } from '../../network.ts';
import { CHUNK_LINE_BYTES_MAX, HEADER_BYTES_MAX, HEADER_LINES_MAX } from '../limits.ts';
import { bodyFraming } from './framing.ts';
import { headerLine, mergeHeader } from './header-line.ts';
import { MalformedHttpError } from './malformed-http-error.ts';

/** Who hears of the messages in a stream of bytes, in their order. None of it may throw. */
export interface HttpEvents {
  /** A start line and its headers; `none` if no body follows whatever they say (HEAD, 1xx, 204, 304). */
  onHead(start: string, headers: Headers): 'body' | 'none';
  onData(bytes: Uint8Array): void;
  onEnd(): void;
}

/**
 * Reads HTTP/1.1 messages off a stream of bytes, cut anywhere. Strict, for two readers must never
 * see two different requests: lines end in CRLF, nothing is folded, a body has one length or is chunked,
 * extensions of chunks are well-formed, and passed over. Holds no more than one header block.
 *
 * ```
 *   start line ─► headers ─► nothing, N bytes, all until the end, or
 *                            (chunk size ─► bytes ─► CRLF)* ─► trailers (dropped)
 * ```
 */
export class HttpDecoder {
  readonly #kind: 'request' | 'response';
  readonly #events: HttpEvents;
  #state: State = 'start';
  #held = '';
  #headBytes = 0;
  #start = '';
  #headers = emptyHeaders();
  #lines = 0;
  /** Of the body, or of the chunk. */
  #remaining = 0;

  constructor(kind: 'request' | 'response', events: HttpEvents) {
    this.#kind = kind;
    this.#events = events;
  }

  /** Throws `MalformedHttpError` at what is no HTTP, and at all that comes after. */
  push(bytes: Uint8Array): void {
    try {
      for (let rest = bytes; rest.byteLength > 0;) rest = this.#take(rest);
    } catch (error) {
      this.#state = 'failed';
      throw error;
    }
  }

  /** The stream has ended. Throws if that is in the middle of a message. */
  finish(): void {
    const state = this.#state;
    this.#state = 'failed';
    if (state === 'until-end') this.#events.onEnd();
    else if (state !== 'start' || this.#held !== '') {
      throw new MalformedHttpError('The stream ended in the middle of a message');
    }
  }

  #take(bytes: Uint8Array): Uint8Array {
    switch (this.#state) {
      case 'failed':
        throw new MalformedHttpError('The stream was malformed before');
      case 'until-end':
        this.#events.onData(bytes);
        return bytes.subarray(bytes.byteLength);
      case 'body':
      case 'chunk':
        return this.#takeData(bytes);
      default:
        return this.#takeLine(bytes);
    }
  }

  #takeData(bytes: Uint8Array): Uint8Array {
    const data = bytes.subarray(0, this.#remaining);
    this.#remaining -= data.byteLength;
    const whole = this.#remaining === 0;
    if (whole && this.#state === 'chunk') this.#state = 'chunk-end';
    this.#events.onData(data);
    if (whole && this.#state === 'body') this.#end();
    return bytes.subarray(data.byteLength);
  }

  #takeLine(bytes: Uint8Array): Uint8Array {
    const feed = bytes.indexOf(LF);
    const part = feed < 0 ? bytes : bytes.subarray(0, feed + 1);
    const inHead =
      this.#state === 'start' || this.#state === 'headers' || this.#state === 'trailers';
    this.#headBytes += part.byteLength;
    const length = this.#held.length + part.byteLength;
    const limit = inHead ? HEADER_BYTES_MAX : CHUNK_LINE_BYTES_MAX;
    if ((inHead ? this.#headBytes : length) > limit) {
      const what = inHead ? 'All headers are' : 'The line of a chunk is';
      throw new MalformedHttpError(`${what} longer than ${limit} bytes`, 'TOO_LONG');
    }
    this.#held += Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('latin1');
    if (feed < 0) return bytes.subarray(bytes.byteLength);
    const line = this.#held;
    this.#held = '';
    if (!line.endsWith('\r\n')) throw new MalformedHttpError('A line ends in a bare line feed');
    this.#line(line.slice(0, -2));
    return bytes.subarray(feed + 1);
  }

  #line(line: string): void {
    switch (this.#state) {
      case 'start':
        if (line === '') {
          if (this.#kind === 'response') throw new MalformedHttpError('The status line is empty');
          return; // One too many after a body, as old clients send it; bounded like any header.
        }
        this.#start = line;
        this.#state = 'headers';
        return;
      case 'headers':
        if (line === '') this.#headEnded();
        else this.#header(line);
        return;
      case 'chunk-size':
        this.#chunkSize(line);
        return;
      case 'chunk-end':
        if (line !== '') throw new MalformedHttpError('A chunk is longer than it says');
        this.#state = 'chunk-size';
        return;
      default:
        if (line === '') this.#end();
        else headerLine(line);
    }
  }

  #header(line: string): void {
    this.#lines += 1;
    if (this.#lines > HEADER_LINES_MAX)
      throw new MalformedHttpError('Too many headers', 'TOO_LONG');
    mergeHeader(this.#headers, headerLine(line));
  }

  #headEnded(): void {
    const headers = this.#headers;
    const framing = bodyFraming(this.#kind, this.#start, headers);
    this.#headers = emptyHeaders();
    this.#lines = this.#headBytes = 0;
    const body = this.#events.onHead(this.#start, headers);
    if (body === 'none' || framing === 0) this.#end();
    else if (framing === 'chunked') this.#state = 'chunk-size';
    else if (framing === 'until-end') this.#state = 'until-end';
    else {
      this.#remaining = framing;
      this.#state = 'body';
    }
  }

  #chunkSize(line: string): void {
    if (!CHUNK_LINE.test(line)) throw new MalformedHttpError('The size of a chunk is malformed');
    this.#remaining = Number.parseInt(line, 16);
    this.#headBytes = 0;
    this.#state = this.#remaining === 0 ? 'trailers' : 'chunk';
  }

  #end(): void {
    this.#headBytes = 0;
    this.#state = 'start';
    this.#events.onEnd();
  }
}

type State =
  | 'start'
  | 'headers'
  | 'body'
  | 'until-end'
  | 'chunk-size'
  | 'chunk'
  | 'chunk-end'
  | 'trailers'
  | 'failed';

const LF = 10;
/** A size, and what extends it (RFC 9112, 7.1.1). No part can be read as another: it takes no longer than the line is. */
const CHUNK_LINE =
  /^[0-9a-f]{1,8}(?:;[!#$%&'*+.^_`|~0-9a-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9a-z-]+|"[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]*"))?)*$/i;
const emptyHeaders = (): Record<string, string> => Object.create(null) as Record<string, string>;
