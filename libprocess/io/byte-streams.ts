import type { Future } from '../future.ts';

/** Bytes of one read, if not said otherwise. */
export const READ_BYTES_MAX = 64 * 1_024;

/**
 * Where bytes come from: the end of a pipe or a connection, or a descriptor. What is not read stays
 * with the operating system once `SOURCE_BYTES_HIGH` are held here, and holds the writer back.
 * Whoever has it closes it.
 */
export interface ByteSource {
  /**
   * What is next, up to `bytesMax`, as soon as there is any; nothing (length 0) at the end, again and
   * again. Reads are served in the order in which they were asked for. A discarded one takes nothing.
   */
  read(bytesMax?: number): Future<Uint8Array>;
  /** As `read`, but leaves the bytes where they are. */
  peek(bytesMax?: number): Future<Uint8Array>;
  /** Ready when a read would not wait: there are bytes, or there will be none. */
  poll(): Future<void>;
  /** Gives up what has not been read; reads that wait are discarded. */
  close(): void;
}

/** Where bytes go to. Whoever has it ends or closes it. */
export interface ByteSink {
  /**
   * Ready when the operating system has taken all of `bytes`, which must not change until then.
   * Writes happen one after another. A discarded one that has not begun is left out; one that has
   * begun completes. Fails with the system's code (`EPIPE`: nobody reads there any more), and with
   * `SINK_FULL` when `SINK_WAITING_BYTES_MAX` wait already.
   */
  write(bytes: Uint8Array): Future<void>;
  /** Ready when all that was written before has been taken: a new write would begin at once. */
  drained(): Future<void>;
  /** Ends the stream after what was written; later writes fail. */
  end(): Future<void>;
  /** Ends it now; writes that wait are discarded. */
  close(): void;
}
