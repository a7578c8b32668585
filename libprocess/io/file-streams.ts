import type { DiskFile } from '../disk.ts';
import { DiskError } from '../errors.ts';
import { READ_BYTES_MAX, type ByteSink, type ByteSource } from './byte-streams.ts';
import { SinkQueue } from './sink-queue.ts';
import { SourceBuffer } from './source-buffer.ts';

/**
 * An open file from `offset` to its end, as it is when that is reached. The file stays open: close it when
 * the source has ended or was closed.
 */
export function fileSource(file: DiskFile, offset = 0): ByteSource {
  let at = offset;
  let reading = false;
  let wanted = true;
  const source = new SourceBuffer({
    pause: () => (wanted = false),
    resume: () => {
      wanted = true;
      read();
    },
    close: () => (wanted = false),
  });
  const read = (): void => {
    if (reading || !wanted) return;
    reading = true;
    file.read(at, READ_BYTES_MAX).then(arrived, (error: unknown) => source.end(asError(error)));
  };
  const arrived = (bytes: Uint8Array): void => {
    reading = false;
    at += bytes.length;
    if (bytes.length === 0) source.end();
    else source.push(bytes);
    if (bytes.length > 0) read();
  };
  read();
  return source;
}

/** Writes into an open file from `offset` on. Neither ends nor closes the file; nothing is durable before its `sync`. */
export function fileSink(file: DiskFile, offset = 0): ByteSink {
  let at = offset;
  return new SinkQueue({
    write: (bytes, done) => {
      const place = at;
      at += bytes.length;
      file.write(place, bytes).then(
        () => done(),
        (error: unknown) => done(asError(error)),
      );
    },
    end: (done) => done(),
    close: () => undefined,
  });
}

/** A disk rejects with errors of its own; anything else would be a mistake of ours. */
const asError = (error: unknown): Error =>
  error instanceof Error ? error : new DiskError('EUNKNOWN', `Failed: ${String(error)}`);
