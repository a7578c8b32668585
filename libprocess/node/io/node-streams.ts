import type { Readable, Writable } from 'node:stream';
import { RuntimeError } from '../../errors.ts';
import { SinkQueue } from '../../io/sink-queue.ts';
import { SourceBuffer } from '../../io/source-buffer.ts';
import { codeOf, reasonOf } from '../system-errors.ts';

/** Wraps what the system reported of a stream. */
export type StreamFailure = (cause: unknown) => Error;

export const ioFailure =
  (what: string): StreamFailure =>
  (cause) => {
    const code = codeOf(cause);
    const reason = code === 'EUNKNOWN' ? String(cause) : reasonOf(code);
    return new RuntimeError(code, `Failed to ${what}: ${reason}`, cause);
  };

/** `close` is what closing the source does to the stream. */
export function sourceOf(
  stream: Readable,
  failure: StreamFailure,
  close: () => void = () => stream.destroy(),
): SourceBuffer {
  const source = new SourceBuffer({
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    close,
  });
  stream.on('data', (chunk: Uint8Array) => source.push(chunk));
  stream.on('end', () => source.end());
  stream.on('error', (cause) => source.end(failure(cause)));
  stream.on('close', () => source.end());
  return source;
}

export function sinkOf(
  stream: Writable,
  failure: StreamFailure,
  close: () => void = () => stream.destroy(),
): SinkQueue {
  const sink = new SinkQueue({
    write: (bytes, done) => {
      stream.write(bytes, (cause) => done(cause ? failure(cause) : undefined));
    },
    end: (done) => {
      stream.end(() => done());
    },
    close,
  });
  stream.on('error', (cause) => sink.broken(failure(cause)));
  stream.on('close', () => sink.broken(failure({ code: 'EPIPE' })));
  return sink;
}
