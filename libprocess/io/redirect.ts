import { RuntimeError } from '../errors.ts';
import { type Future, undiscardable } from '../future.ts';
import { Break, Continue, loop } from '../futures/loop.ts';
import { READ_BYTES_MAX, type ByteSink, type ByteSource } from './byte-streams.ts';

/** How `redirect` moves bytes. */
export interface RedirectOptions {
  /** Bytes of one round at most. Default: `READ_BYTES_MAX`. */
  readonly chunkBytes?: number;
  /** See each chunk before it is written. One that throws ends the redirection. */
  readonly hooks?: readonly ((bytes: Uint8Array) => void)[];
}

/**
 * Copies `from` to `to`, or drops it (`undefined`), until `from` ends. The next chunk is read when
 * the last one has been taken, so that a slow reader holds the writer back. Neither end is closed.
 * A discard ends it between two chunks: none is lost, and none is written in part.
 */
export function redirect(
  from: ByteSource,
  to: ByteSink | undefined,
  { chunkBytes = READ_BYTES_MAX, hooks = [] }: RedirectOptions = {},
): Future<void> {
  return loop(
    () => from.read(chunkBytes),
    (bytes) => {
      if (bytes.length === 0) return Break(undefined);
      for (const hook of hooks) hook(bytes);
      // What has been taken from `from` goes to `to`, whoever gives up meanwhile.
      return to ? undiscardable(to.write(bytes)).then(Continue) : Continue();
    },
  );
}

/** Bytes that `readAll` takes, if not said otherwise. */
export const READ_ALL_BYTES_MAX = 64 * 1_024 * 1_024;

/** All that `from` gives until its end. Fails with `TOO_LONG` beyond `bytesMax`. */
export function readAll(from: ByteSource, bytesMax = READ_ALL_BYTES_MAX): Future<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const keep = (bytes: Uint8Array): void => {
    length += bytes.length;
    if (length > bytesMax) {
      throw new RuntimeError('TOO_LONG', `Failed to read to the end: more than ${bytesMax} bytes`);
    }
    chunks.push(bytes);
  };
  return redirect(from, undefined, { hooks: [keep] }).then(() => {
    const all = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  });
}
