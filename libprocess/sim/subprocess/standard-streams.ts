import { SourceBuffer } from '../../io/source-buffer.ts';
import type { Incarnation } from '../incarnation.ts';
import type { FileSystem } from '../file-system/file-system.ts';

/** Where the bytes written to a descriptor go. */
export interface Sink {
  (bytes: Uint8Array): void;
  /** A process has the descriptor, until it ends. */
  hold?: (holder: Incarnation) => void;
}

/** The descriptors of one process. */
export interface Descriptors {
  readonly input: InputPipe | undefined;
  readonly sinks: ReadonlyMap<number, Sink>;
}

/** The descriptors of a process that was given none. */
export const NO_DESCRIPTORS: Descriptors = { input: undefined, sinks: new Map() };

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

  /** Whether the process that reads it is there. */
  get read(): boolean {
    return this.#reader?.alive ?? true;
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

/**
 * Output that is a pipe to the parent: in order, and before the parent hears of the exit. It ends with
 * the last process that has its writing end. A simulated program is not held back when it is full.
 */
export class OutputPipe {
  readonly source: SourceBuffer;
  readonly #reader: Incarnation;
  #waiting: Uint8Array[] = [];
  #paused = false;
  #holders = 0;
  #ended = false;

  constructor(reader: Incarnation) {
    this.#reader = reader;
    this.source = new SourceBuffer({
      pause: () => (this.#paused = true),
      resume: () => {
        this.#paused = false;
        reader.post(() => this.#deliver());
      },
      close: () => (this.#waiting = []),
    });
  }

  sink(): Sink {
    const write: Sink = (bytes) => {
      const copy = bytes.slice();
      this.#reader.post(() => {
        this.#waiting.push(copy);
        this.#deliver();
      });
    };
    write.hold = (holder) => {
      this.#holders += 1;
      holder.onEnd(() => {
        this.#holders -= 1;
        if (this.#holders > 0) return;
        this.#reader.post(() => {
          this.#ended = true;
          this.#deliver();
        });
      });
    };
    return write;
  }

  #deliver(): void {
    while (!this.#paused) {
      const bytes = this.#waiting.shift();
      if (!bytes) break;
      this.source.push(bytes);
    }
    if (this.#ended && this.#waiting.length === 0) this.source.end();
  }
}

/** A file opened to append; it stays open until the process ends. */
export function appendTo(fileSystem: FileSystem, path: string, owner: Incarnation): Sink {
  const file = fileSystem.open(path, 'write');
  owner.onEnd(() => fileSystem.close(file));
  return (bytes) => fileSystem.write(file, file.contents.size, bytes);
}
