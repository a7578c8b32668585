import type { Future } from '../future.ts';
import type { SinkQueue } from './sink-queue.ts';
import type { Socket, SocketAddress } from './sockets.ts';
import type { SourceBuffer } from './source-buffer.ts';

interface Parts {
  readonly source: SourceBuffer;
  readonly sink: SinkQueue;
  readonly local: SocketAddress;
  readonly peer: SocketAddress;
}

/** A socket of its two directions. */
export class SocketStreams implements Socket {
  readonly local: SocketAddress;
  readonly peer: SocketAddress;
  readonly #source: SourceBuffer;
  readonly #sink: SinkQueue;

  constructor({ source, sink, local, peer }: Parts) {
    this.#source = source;
    this.#sink = sink;
    this.local = local;
    this.peer = peer;
  }

  read(bytesMax?: number): Future<Uint8Array> {
    return this.#source.read(bytesMax);
  }

  peek(bytesMax?: number): Future<Uint8Array> {
    return this.#source.peek(bytesMax);
  }

  poll(): Future<void> {
    return this.#source.poll();
  }

  write(bytes: Uint8Array): Future<void> {
    return this.#sink.write(bytes);
  }

  drained(): Future<void> {
    return this.#sink.drained();
  }

  end(): Future<void> {
    return this.#sink.end();
  }

  close(): void {
    this.#sink.close();
    this.#source.close();
  }
}
