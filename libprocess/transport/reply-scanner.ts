import { REPLY_HEAD_BYTES_MAX } from './limits.ts';

const CR = 13;
const LF = 10;
const decoder = new TextDecoder('latin1');

/**
 * Reads the answers that come back on a connection of pipelined requests, for their statuses only;
 * bodies are skipped. Holds at most one head, whatever arrives.
 */
export class ReplyScanner {
  readonly #onReply: (status: number) => void;
  /** Bytes of the head or of the chunk line being read. */
  #line: number[] = [];
  #expect: 'head' | 'body' | 'chunk-line' | 'trailer' = 'head';
  #skip = 0;
  #chunked = false;

  constructor(onReply: (status: number) => void) {
    this.#onReply = onReply;
  }

  /** False once the peer does not speak HTTP. Never throws. */
  push(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#expect === 'body') {
        const skipped = Math.min(this.#skip, bytes.length - at);
        at += skipped;
        this.#skip -= skipped;
        if (this.#skip === 0) this.#expect = this.#chunked ? 'chunk-line' : 'head';
        continue;
      }
      this.#line.push(bytes[at++] ?? 0);
      if (this.#line.length > REPLY_HEAD_BYTES_MAX) return false;
      if (this.#complete() && !this.#take()) return false;
    }
    return true;
  }

  #complete(): boolean {
    const line = this.#line;
    const { length } = line;
    if (line[length - 1] !== LF || line[length - 2] !== CR) return false;
    if (this.#expect === 'chunk-line') return true;
    // A trailer may be empty: then its first line end is its last.
    if (this.#expect === 'trailer' && length === 2) return true;
    return length >= 4 && line[length - 3] === LF && line[length - 4] === CR;
  }

  #take(): boolean {
    const text = decoder.decode(Uint8Array.from(this.#line));
    this.#line = [];
    if (this.#expect === 'head') return this.#head(text);
    if (this.#expect === 'trailer') {
      this.#expect = 'head';
      return true;
    }
    return this.#chunk(text);
  }

  #head(text: string): boolean {
    const status = /^HTTP\/1\.[01] (\d{3})(?: |\r)/.exec(text)?.[1];
    if (status === undefined) return false;
    const length = /\r\ncontent-length: *(\d{1,15}) *\r/i.exec(text)?.[1];
    this.#chunked = /\r\ntransfer-encoding: *chunked *\r/i.test(text);
    this.#skip = Number(length ?? 0);
    if (this.#chunked) this.#expect = 'chunk-line';
    else if (this.#skip > 0) this.#expect = 'body';
    if (!status.startsWith('1')) this.#onReply(Number(status));
    return true;
  }

  #chunk(line: string): boolean {
    const size = /^([0-9a-f]{1,8}) *(?:;|\r)/i.exec(line)?.[1];
    if (size === undefined) return false;
    const bytes = Number.parseInt(size, 16);
    this.#expect = bytes === 0 ? 'trailer' : 'body';
    // The line end after the chunk goes with it.
    this.#skip = bytes + 2;
    return true;
  }
}
