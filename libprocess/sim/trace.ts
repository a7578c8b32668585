import { createHash, hash as hashOf } from 'node:crypto';

/**
 * What happened, one line an event. The hash covers every line ever added, in order: two runs with
 * the same hash did the same. The lines themselves are kept up to a limit, the newest ones.
 */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #linesMax: number;
  #lines: string[] = [];
  #count = 0;
  #unhashed = '';

  constructor(linesMax = TRACE_LINES_MAX) {
    this.#linesMax = linesMax;
  }

  add(line: string): void {
    this.#count += 1;
    this.#unhashed += `${line}\n`;
    if (this.#unhashed.length >= HASH_BATCH_LENGTH) this.#hashPending();
    if (this.#linesMax === 0) return;
    this.#lines.push(line);
    if (this.#lines.length >= 2 * this.#linesMax) this.#lines = this.lines.slice();
  }

  get lines(): readonly string[] {
    return this.#linesMax === 0 ? [] : this.#lines.slice(-this.#linesMax);
  }

  /** How many lines were ever added. */
  get count(): number {
    return this.#count;
  }

  /** SHA-256 in hexadecimal of all lines so far. */
  get hash(): string {
    this.#hashPending();
    return this.#hash.copy().digest('hex');
  }

  #hashPending(): void {
    this.#hash.update(this.#unhashed);
    this.#unhashed = '';
  }
}

/** Lines are hashed together: a call of the native hash costs more than a line. */
const HASH_BATCH_LENGTH = 16_384;
/** Lines kept by default. */
const TRACE_LINES_MAX = 100_000;

/** A short digest of bytes for trace lines: 32 bits, FNV-1a of few bytes and SHA-1 of many. */
export function digest(bytes: Uint8Array): string {
  if (bytes.byteLength > FNV_BYTES_MAX) {
    return hashOf('sha1', bytes).slice(0, 8);
  }
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.byteLength; i += 1) {
    hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** From here on the native hash is faster. */
const FNV_BYTES_MAX = 256;
