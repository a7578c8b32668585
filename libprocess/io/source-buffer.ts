import { RuntimeError } from '../errors.ts';
import { Future, FuturePromise } from '../future.ts';
import { READ_BYTES_MAX, type ByteSource } from './byte-streams.ts';

/** A source is no longer read from the system while this much waits here. */
export const SOURCE_BYTES_HIGH = 64 * 1_024;
/** Reads of one source that may wait at the same time. */
export const READS_WAITING_MAX = 1_000;
/** An empty source keeps no more room than this. */
const ROOM_BYTES_KEPT = 4 * 1_024;

/** What feeds a `SourceBuffer`. */
export interface SourceFlow {
  /** Stops feeding it, until `resume`. */
  pause(): void;
  resume(): void;
  /** Nobody wants more. */
  close(): void;
}

interface Waiting {
  readonly promise: FuturePromise<Uint8Array>;
  readonly bytesMax: number;
  readonly take: boolean;
}

/** The reading end of a stream that arrives in pieces. Both worlds feed it. */
export class SourceBuffer implements ByteSource {
  readonly #flow: SourceFlow;
  readonly #waiting = new Set<Waiting>();
  #held = new Uint8Array(0);
  #first = 0;
  #last = 0;
  #paused = false;
  #closed = false;
  #end: { readonly error: Error | undefined } | undefined;

  constructor(flow: SourceFlow) {
    this.#flow = flow;
  }

  /** Bytes that have arrived and were not read. */
  get size(): number {
    return this.#last - this.#first;
  }

  read(bytesMax = READ_BYTES_MAX): Future<Uint8Array> {
    return this.#wait(bytesMax, true);
  }

  peek(bytesMax = READ_BYTES_MAX): Future<Uint8Array> {
    return this.#wait(bytesMax, false);
  }

  poll(): Future<void> {
    return this.#wait(1, false).then(() => undefined);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#release();
    this.#end ??= { error: undefined };
    this.#flow.close();
    for (const { promise } of this.#takeWaiting()) promise.discard();
  }

  /** More has arrived. Keeps no reference to `bytes`. */
  push(bytes: Uint8Array): void {
    if (this.#end || bytes.length === 0) return;
    this.#append(bytes);
    this.#serve();
    if (!this.#paused && this.size >= SOURCE_BYTES_HIGH) {
      this.#paused = true;
      this.#flow.pause();
    }
  }

  /** Nothing more will arrive: the end, or an error once what has arrived is read. */
  end(error?: Error): void {
    if (this.#end) return;
    this.#end = { error };
    this.#serve();
  }

  #wait(bytesMax: number, take: boolean): Future<Uint8Array> {
    if (!(bytesMax >= 1)) {
      return Future.failed(new RuntimeError('EINVAL', `Failed to read ${bytesMax} bytes`));
    }
    if (this.#waiting.size >= READS_WAITING_MAX) {
      const message = `Failed to read: ${READS_WAITING_MAX} reads wait already`;
      return Future.failed(new RuntimeError('SOURCE_BUSY', message));
    }
    const promise = new FuturePromise<Uint8Array>();
    const waiting = { promise, bytesMax, take };
    this.#waiting.add(waiting);
    promise.future.onDiscard(() => {
      if (!this.#waiting.delete(waiting)) return;
      promise.discard();
      this.#serve();
    });
    this.#serve();
    return promise.future;
  }

  #serve(): void {
    for (const waiting of this.#waiting) {
      if (this.size === 0 && !this.#end) break;
      this.#waiting.delete(waiting);
      this.#answer(waiting);
    }
    if (this.#paused && this.size < SOURCE_BYTES_HIGH && !this.#closed) {
      this.#paused = false;
      this.#flow.resume();
    }
  }

  #answer({ promise, bytesMax, take }: Waiting): void {
    if (this.size === 0 && this.#end?.error) {
      promise.fail(this.#end.error);
      return;
    }
    const until = Math.min(this.#last, this.#first + bytesMax);
    const bytes = this.#held.slice(this.#first, until);
    if (take) this.#first = until;
    if (this.size === 0 && this.#held.length > ROOM_BYTES_KEPT) this.#release();
    promise.set(bytes);
  }

  #takeWaiting(): readonly Waiting[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }

  #release(): void {
    this.#held = new Uint8Array(0);
    this.#first = this.#last = 0;
  }

  /** Many small pieces cost their bytes and no object each. */
  #append(bytes: Uint8Array): void {
    const { size } = this;
    if (this.#last + bytes.length > this.#held.length) {
      const room = Math.max(size + bytes.length, Math.min(2 * size, SOURCE_BYTES_HIGH));
      const held = room <= this.#held.length ? this.#held : new Uint8Array(room);
      held.set(this.#held.subarray(this.#first, this.#last));
      this.#held = held;
      this.#first = 0;
      this.#last = size;
    }
    this.#held.set(bytes, this.#last);
    this.#last += bytes.length;
  }
}
