import { NetworkError } from '../../errors.ts';
import { measured } from '../../http/framing.ts';
import { PIPE_BYTES_HIGH } from '../../http/limits.ts';
import { drain, Pipe, type Drain, type PipeReader, type PipeWriter } from '../../http/pipe.ts';
import type { Headers } from '../../network.ts';
import type { PipeEnd, PipeItem } from './pipe.ts';

/** Sends what comes through a pipe, no faster than the connection takes it; `headers` may tell its length. */
export function sendStream(end: PipeEnd, reader: PipeReader, headers: Headers = {}): void {
  const into: Drain = {
    write: (chunk) => {
      end.send({ kind: 'chunk', chunk: chunk.slice() }, chunk.byteLength, () => flow.resume());
      return end.bufferedBytes < PIPE_BYTES_HIGH;
    },
    end: () => end.send({ kind: 'end' }, 0),
    fail: (error) => {
      end.abort(error instanceof Error ? error.message : 'body broke off');
      reader.close();
    },
  };
  const flow = drain(reader, measured(headers, into));
}

/** Receives a body that comes in chunks; the peer is held back while it is not read. */
export class StreamSink {
  readonly reader: PipeReader;
  readonly #writer: PipeWriter;
  readonly #end: PipeEnd;

  /** @param unwanted called if the reader closes before the end. */
  constructor(end: PipeEnd, unwanted: () => void) {
    const { reader, writer } = new Pipe();
    this.reader = reader;
    this.#writer = writer;
    this.#end = end;
    writer.readerClosed().onReady(unwanted);
  }

  /** True if that was the end of the body. */
  take(item: PipeItem): boolean {
    if (item.kind === 'chunk') {
      this.#writer.write(item.chunk);
      if (this.#writer.bufferedBytes < PIPE_BYTES_HIGH) return false;
      this.#end.pause();
      this.#writer.drained().onReady(() => this.#end.resume());
    }
    return item.kind === 'end' && this.#writer.close();
  }

  broken(reason: string): void {
    this.#writer.fail(new NetworkError('ECONNRESET', `the peer broke off: ${reason}`));
  }
}
