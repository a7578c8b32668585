import { RuntimeError } from '../errors.ts';
import { Future } from '../future.ts';
import { Fifo } from '../collections/fifo.ts';
import { Break, Continue, loop } from '../futures/loop.ts';
import { Sequence } from '../futures/sequence.ts';
import { RECORD_BYTES_MAX } from './limits.ts';
import type { PipeReader } from './pipe.ts';

const LF = 10;
/** Digits of a length; 15 stay exact. */
const LENGTH_DIGITS_MAX = 15;

/** Bytes that are no records: `MALFORMED_RECORD`, `RECORD_TOO_LONG` or `RECORD_CUT_OFF`. */
export class RecordError extends RuntimeError {}

/** A record as it travels: its length in decimal, a newline, its bytes. One chunk of HTTP holds one. */
export function encodeRecord(record: Uint8Array): Uint8Array {
  const length = new TextEncoder().encode(`${record.byteLength}\n`);
  const encoded = new Uint8Array(length.byteLength + record.byteLength);
  encoded.set(length);
  encoded.set(record, length.byteLength);
  return encoded;
}

/**
 * Cuts records out of a stream of bytes, whose chunks may have any borders. What it holds grows with
 * what has come, never with what a length says.
 */
export class RecordDecoder {
  readonly #recordBytesMax: number;
  #length = '';
  #missing: number | undefined;
  /** Of the record that is arriving; grows by doubling, so that no piece of it costs an object. */
  #held = new Uint8Array(0);
  #heldBytes = 0;
  #failure: RecordError | undefined;

  constructor({ recordBytesMax = RECORD_BYTES_MAX }: { readonly recordBytesMax?: number } = {}) {
    this.#recordBytesMax = recordBytesMax;
  }

  /** Why nothing more can be decoded; undefined while it can. */
  get failure(): RecordError | undefined {
    return this.#failure;
  }

  /**
   * The records that are whole now. Throws `RecordError` where none can be, and ever after; records
   * before that place are returned first.
   */
  decode(bytes: Uint8Array): Uint8Array[] {
    if (this.#failure) throw this.#failure;
    const records: Uint8Array[] = [];
    try {
      for (let rest = bytes; rest.byteLength > 0;) {
        rest = this.#missing === undefined ? this.#takeLength(rest) : this.#takeBytes(rest);
        if (this.#missing === 0) records.push(this.#record());
      }
    } catch (error) {
      if (records.length === 0) throw error;
    }
    return records;
  }

  /** The stream has ended. Throws `RecordError` if that is within a record. */
  finish(): void {
    if (this.#failure) throw this.#failure;
    if (this.#length === '' && this.#missing === undefined) return;
    this.#fail('RECORD_CUT_OFF', 'the stream ended within a record');
  }

  #takeLength(bytes: Uint8Array): Uint8Array {
    const feed = bytes.indexOf(LF);
    const digits = feed < 0 ? bytes : bytes.subarray(0, feed);
    const length = this.#length + String.fromCharCode(...digits.subarray(0, LENGTH_DIGITS_MAX + 1));
    if (!/^\d{0,15}$/.test(length)) {
      this.#fail('MALFORMED_RECORD', `'${length.slice(0, LENGTH_DIGITS_MAX)}' is no length`);
    }
    this.#length = length;
    if (feed < 0) return bytes.subarray(bytes.byteLength);
    if (length === '') this.#fail('MALFORMED_RECORD', 'a length is missing');
    this.#missing = Number(length);
    this.#length = '';
    if (this.#missing > this.#recordBytesMax) {
      const message = `a record of ${length} bytes; ${this.#recordBytesMax} may be`;
      this.#fail('RECORD_TOO_LONG', message);
    }
    return bytes.subarray(feed + 1);
  }

  #takeBytes(bytes: Uint8Array): Uint8Array {
    const missing = this.#missing ?? 0;
    const part = bytes.subarray(0, missing);
    const needed = this.#heldBytes + part.byteLength;
    if (needed > this.#held.byteLength) {
      const room = Math.min(Math.max(needed, 2 * this.#held.byteLength), this.#heldBytes + missing);
      const larger = new Uint8Array(room);
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(part, this.#heldBytes);
    this.#heldBytes = needed;
    this.#missing = missing - part.byteLength;
    return bytes.subarray(part.byteLength);
  }

  /** All of what is held: at its end a record has just the room that it needs. */
  #record(): Uint8Array {
    const record = this.#held;
    this.#drop();
    this.#missing = undefined;
    return record;
  }

  #drop(): void {
    this.#held = new Uint8Array(0);
    this.#heldBytes = 0;
  }

  #fail(code: string, reason: string): never {
    this.#drop();
    this.#failure = new RecordError(code, `Failed to decode a record: ${reason}`);
    throw this.#failure;
  }
}

/** Records as they come through a pipe. */
export class RecordReader {
  readonly #reader: PipeReader;
  readonly #decoder: RecordDecoder;
  readonly #ready = new Fifo<Uint8Array>();
  readonly #reads = new Sequence();

  constructor(reader: PipeReader, options: { readonly recordBytesMax?: number } = {}) {
    this.#reader = reader;
    this.#decoder = new RecordDecoder(options);
  }

  /**
   * The next record, now or later; undefined at the end, also when asked again. Once what came before
   * is read it fails with what the pipe failed with, or with `RecordError` after closing the pipe.
   */
  read(): Future<Uint8Array | undefined> {
    return this.#reads.add(() =>
      loop<Step, Uint8Array | undefined>(
        () => this.#ready.shift() ?? this.#more(),
        (step) => (step === NOT_YET ? Continue() : Break(step)),
      ),
    );
  }

  close(): boolean {
    return this.#reader.close();
  }

  #more(): Future<Step> {
    if (this.#decoder.failure) return Future.failed(this.#decoder.failure);
    return this.#reader.read().then((chunk): Step => {
      if (!chunk) {
        this.#decoder.finish();
        return undefined;
      }
      try {
        for (const record of this.#decoder.decode(chunk)) this.#ready.push(record);
      } finally {
        if (this.#decoder.failure) this.#reader.close();
      }
      return NOT_YET;
    });
  }
}

type Step = Uint8Array | typeof NOT_YET | undefined;
const NOT_YET: unique symbol = Symbol('no record is whole yet');
