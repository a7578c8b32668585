import type { Incarnation } from '../incarnation.ts';
import type { FileSystem } from '../file-system/file-system.ts';

/** Where the bytes written to a descriptor go. */
export type Sink = (bytes: Uint8Array) => void;

/** The descriptors of one process. */
export interface Descriptors {
  readonly input: InputPipe | undefined;
  readonly sinks: ReadonlyMap<number, Sink>;
}

/** Standard input that is a pipe. Bytes wait until the program listens. */
export class InputPipe {
  #reader: Incarnation | undefined;
  #onBytes: ((bytes: Uint8Array) => void) | undefined;
  #onEnd: (() => void) | undefined;
  #waiting: Uint8Array[] = [];
  #ended = false;

  /** Set once the reading process has started. */
  set reader(reader: Incarnation) {
    this.#reader = reader;
    this.#flush();
  }

  write(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#waiting.push(bytes.slice());
    this.#flush();
  }

  end(): void {
    this.#ended = true;
    this.#flush();
  }

  listen(onBytes: (bytes: Uint8Array) => void, onEnd: () => void): void {
    this.#onBytes = onBytes;
    this.#onEnd = onEnd;
    this.#flush();
  }

  #flush(): void {
    this.#reader?.post(() => {
      if (!this.#onBytes) return;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const bytes of waiting) this.#onBytes(bytes);
      const onEnd = this.#ended ? this.#onEnd : undefined;
      if (onEnd) this.#onEnd = undefined;
      onEnd?.();
    });
  }
}

/** Output that is a pipe to the parent: in order, and before the parent hears of the exit. */
export class OutputPipe {
  readonly #reader: Incarnation;
  #listener: ((descriptor: 1 | 2, bytes: Uint8Array) => void) | undefined;

  constructor(reader: Incarnation) {
    this.#reader = reader;
  }

  set listener(listener: (descriptor: 1 | 2, bytes: Uint8Array) => void) {
    this.#listener = listener;
  }

  sink(descriptor: 1 | 2): Sink {
    return (bytes) => {
      const copy = bytes.slice();
      this.#reader.post(() => this.#listener?.(descriptor, copy));
    };
  }
}

/** A file opened to append; it stays open until the process ends. */
export function appendTo(fileSystem: FileSystem, path: string, owner: Incarnation): Sink {
  const file = fileSystem.open(path, 'write');
  owner.onEnd(() => fileSystem.close(file));
  return (bytes) => fileSystem.write(file, file.contents.size, bytes);
}
