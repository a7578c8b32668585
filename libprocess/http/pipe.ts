import { RuntimeError } from '../errors.ts';
import { Future, FuturePromise } from '../future.ts';
import { Fifo } from '../collections/fifo.ts';
import { Waiters } from '../futures/waiters.ts';
import { PIPE_BYTES_HIGH, PIPE_BYTES_MAX } from './limits.ts';

/** A pipe broke: `CLOSED` by its reader, `OVERFLOW` as nobody read, or what its writer said; or was given no bytes. */
export class PipeError extends RuntimeError {}

/** How much a pipe holds. */
export interface PipeOptions {
  /** What may wait for the reader before the pipe breaks. Default: 64 MiB. */
  readonly bufferedBytesMax?: number;
}

/**
 * Bytes from a writer to a reader, who need not be in step: the body of a request or an answer that
 * is not there at once. Chunks keep their borders: one write is one read, and one chunk of HTTP.
 *
 * ```
 *   writer  open ── close ──► closed         reader  open ── close ──► closed (what waits is dropped)
 *                └─ fail ───► failed
 * ```
 */
export class Pipe {
  readonly reader: PipeReader;
  readonly writer: PipeWriter;

  constructor({ bufferedBytesMax = PIPE_BYTES_MAX }: PipeOptions = {}) {
    const flow = new Flow(bufferedBytesMax);
    this.reader = new PipeReader(flow);
    this.writer = new PipeWriter(flow);
  }
}

/** The end that reads. */
export class PipeReader {
  readonly #flow: Flow;

  /** @internal */
  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /**
   * The next chunk, now or later; undefined at the end, also when asked again. Fails once all that
   * was written is read if the writer failed, and with `CLOSED` after `close`. Discarding the future
   * gives the place up, and loses nothing.
   */
  read(): Future<Uint8Array | undefined> {
    return this.#flow.read();
  }

  /** All that is still to come in one piece; fails as `read` does, and with `EMSGSIZE` above `bytesMax`. */
  readAll(bytesMax = PIPE_BYTES_MAX): Future<Uint8Array> {
    const promise = new FuturePromise<Uint8Array>();
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    promise.future.onDiscard(() => {
      promise.discard();
      this.close();
    });
    drain(this, {
      write: (chunk) => {
        chunks.push(chunk);
        bytes += chunk.byteLength;
        if (bytes <= bytesMax) return true;
        promise.fail(new PipeError('EMSGSIZE', `Failed to read: over ${bytesMax} bytes`));
        this.close();
        return false;
      },
      end: () => void promise.set(joined(chunks, bytes)),
      fail: (error) => void promise.fail(error),
    });
    return promise.future;
  }

  /** Reads no more: what waits is dropped and the writer told. False if it was closed before. */
  close(): boolean {
    return this.#flow.closeReader();
  }

  /** Ready when the reader has been closed before the end, or the pipe broke; else discarded. */
  closed(): Future<void> {
    return this.#flow.readerClosed.future;
  }

  /** For use outside actors. Leaving the loop closes the reader. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let chunk = await this.read(); chunk; chunk = await this.read()) yield chunk;
    } finally {
      this.close();
    }
  }
}

/** The end that writes. */
export class PipeWriter {
  readonly #flow: Flow;

  /** @internal */
  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /** Accepted, and not read yet. */
  get bufferedBytes(): number {
    return this.#flow.bufferedBytes;
  }

  /**
   * Hands a chunk over, not to be changed any more. False, and it is lost, if either end is closed. Throws
   * `BAD_CHUNK` if it is no `Uint8Array`.
   */
  write(chunk: Uint8Array): boolean {
    return this.#flow.write(chunk);
  }

  /** No more will come. False if it was closed or failed before. */
  close(): boolean {
    return this.#flow.end(undefined);
  }

  /** Breaks off: the reader learns, after what was written, that it is incomplete. */
  fail(error: unknown): boolean {
    return this.#flow.end({ error });
  }

  /** Ready when there is room again: wait for it before writing on, where one may wait. */
  drained(): Future<void> {
    return this.#flow.drained();
  }

  /** Ready when the reader has closed its end first, or the pipe broke; else discarded. */
  readerClosed(): Future<void> {
    return this.#flow.readerClosed.future;
  }
}

/** Where `drain` puts what it reads. */
export interface Drain {
  /** False: no more for now; `resume` goes on. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  fail(error: unknown): void;
}

/** Reads to the end, as fast as `into` takes it, without a turn in between where there is data. */
export function drain(reader: PipeReader, into: Drain): { resume(): void } {
  let state: 'idle' | 'reading' | 'over' = 'idle';
  const next = (): void => {
    if (state !== 'idle') return;
    for (;;) {
      state = 'reading';
      const read = reader.read();
      if (read.isPending) {
        read.onAny(() => {
          if (take(read)) next();
        });
        return;
      }
      if (!take(read)) return;
    }
  };
  const take = (read: Future<Uint8Array | undefined>): boolean => {
    state = 'over';
    if (!read.isReady) {
      into.fail(read.error);
      return false;
    }
    const chunk = read.value;
    if (!chunk) {
      into.end();
      return false;
    }
    state = 'idle';
    return into.write(chunk);
  };
  // Nobody asks for more while `into` is full: it must hear all the same that no more will come.
  reader.closed().onReady(() => {
    if (state !== 'idle') return;
    state = 'over';
    into.fail(reader.read().error);
  });
  next();
  return { resume: next };
}

/** What both ends share. */
class Flow {
  readonly readerClosed = new FuturePromise<void>();
  readonly #bufferedBytesMax: number;
  readonly #chunks = new Fifo<Uint8Array>();
  readonly #reads = new Waiters<Uint8Array | undefined>();
  #bufferedBytes = 0;
  #drained: FuturePromise<void> | undefined;
  /** Set once no more will be written; with an error if that is no end. */
  #ended: { readonly failure: { readonly error: unknown } | undefined } | undefined;
  #closedBy: PipeError | undefined;

  constructor(bufferedBytesMax: number) {
    this.#bufferedBytesMax = bufferedBytesMax;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  read(): Future<Uint8Array | undefined> {
    if (this.#closedBy) return Future.failed(this.#closedBy);
    const chunk = this.#chunks.shift();
    if (chunk) {
      this.#bufferedBytes -= chunk.byteLength;
      if (this.#bufferedBytes < PIPE_BYTES_HIGH) this.#tellDrained();
      return Future.ready(chunk);
    }
    if (this.#ended?.failure) return Future.failed(this.#ended.failure.error);
    if (this.#ended) return Future.ready<Uint8Array | undefined>(undefined);
    return this.#reads.wait();
  }

  write(chunk: Uint8Array): boolean {
    if (!(chunk instanceof Uint8Array)) {
      const message = `Failed to write: a chunk is a Uint8Array, not ${typeof chunk}`;
      throw new PipeError('BAD_CHUNK', message);
    }
    if (this.#ended || this.#closedBy) return false;
    if (chunk.byteLength === 0) return true; // No chunk of HTTP is empty but the last.
    const read = this.#reads.next();
    if (read) return read.set(chunk);
    this.#bufferedBytes += chunk.byteLength;
    this.#chunks.push(chunk);
    if (this.#bufferedBytes <= this.#bufferedBytesMax) return true;
    const message = `Failed to write: ${this.#bufferedBytesMax} bytes wait for the reader`;
    this.#closeReader(new PipeError('OVERFLOW', message));
    return false;
  }

  end(failure: { readonly error: unknown } | undefined): boolean {
    if (this.#ended) return false;
    this.#ended = { failure };
    this.#reads.settleAll((read) => {
      if (failure) read.fail(failure.error);
      else read.set(undefined);
    });
    this.#tellDrained();
    this.readerClosed.discard();
    return true;
  }

  closeReader(): boolean {
    if (this.#closedBy) return false;
    this.#closeReader(new PipeError('CLOSED', 'Failed to read: the pipe is closed'));
    return true;
  }

  drained(): Future<void> {
    const over = this.#ended ?? this.#closedBy;
    if (over || this.#bufferedBytes < PIPE_BYTES_HIGH) return Future.ready();
    return (this.#drained ??= new FuturePromise<void>()).future;
  }

  #closeReader(error: PipeError): void {
    this.#closedBy = error;
    while (this.#chunks.size > 0) this.#chunks.shift();
    this.#bufferedBytes = 0;
    this.#reads.settleAll((read) => {
      read.fail(error);
    });
    this.#tellDrained();
    this.readerClosed.set(undefined);
  }

  #tellDrained(): void {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.set(undefined);
  }
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only] = chunks;
  if (only && chunks.length === 1) return only;
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
