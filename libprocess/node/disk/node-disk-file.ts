import * as fs from 'node:fs';
import { promisify } from 'node:util';
import type { DiskFile } from '../../disk.ts';
import { DiskError } from '../../errors.ts';
import { attempt } from '../system-errors.ts';
import type { BriefCalls } from './brief-calls.ts';

/** Copying more into the page cache is worth another thread. */
export const SMALL_BYTES_MAX = 64 * 1024;

const read = promisify(fs.read);
const write = promisify(fs.write);
const truncate = promisify(fs.ftruncate);
const datasync = promisify(fs.fdatasync);
const status = promisify(fs.fstat);

/** An open file of this machine. */
export class NodeDiskFile implements DiskFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #calls: BriefCalls;
  /** In other threads: the descriptor must stay ours until they have ended. */
  #running = 0;
  #closed: Promise<void> | undefined;
  #onIdle: () => void = () => undefined;

  constructor(path: string, descriptor: number, calls: BriefCalls) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.#calls = calls;
  }

  at(): this {
    return this;
  }

  read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    return attempt(`read '${this.#path}'`, () =>
      this.#pooled(async (descriptor) => {
        const bytes = new Uint8Array(lengthBytes);
        let filled = 0;
        while (filled < lengthBytes) {
          const rest = lengthBytes - filled;
          const { bytesRead } = await read(descriptor, bytes, filled, rest, offset + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return filled === lengthBytes ? bytes : bytes.slice(0, filled);
      }),
    );
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    const what = `write '${this.#path}'`;
    const pooled = (): Promise<void> =>
      this.#pooled(async (descriptor) => {
        for (let written = 0; written < bytes.length;) {
          const rest = bytes.length - written;
          const result = await write(descriptor, bytes, written, rest, offset + written);
          written += result.bytesWritten;
        }
      });
    if (bytes.length > SMALL_BYTES_MAX) return attempt(what, pooled);
    return this.#calls.run({
      what,
      brief: () => {
        writeAll(this.#open(), offset, bytes);
      },
      pooled,
    });
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#calls.run({
      what: `truncate '${this.#path}'`,
      brief: () => {
        fs.ftruncateSync(this.#open(), sizeBytes);
      },
      pooled: () => this.#pooled((descriptor) => truncate(descriptor, sizeBytes)),
    });
  }

  sync(): Promise<void> {
    return attempt(`sync '${this.#path}'`, () => this.#pooled(datasync));
  }

  size(): Promise<number> {
    return this.#calls.run({
      what: `examine '${this.#path}'`,
      brief: () => fs.fstatSync(this.#open()).size,
      pooled: async () => (await this.#pooled((descriptor) => status(descriptor))).size,
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#idle().then(() =>
      this.#calls.run({
        what: `close '${this.#path}'`,
        brief: () => {
          fs.closeSync(this.#descriptor);
        },
        pooled: () => promisify(fs.close)(this.#descriptor),
      }),
    );
    return this.#closed;
  }

  /** Never a number that by now may be that of another file. */
  #open(): number {
    if (this.#closed) throw new DiskError('EBADF', `The file '${this.#path}' is closed`);
    return this.#descriptor;
  }

  async #pooled<T>(call: (descriptor: number) => Promise<T>): Promise<T> {
    const descriptor = this.#open();
    this.#running += 1;
    try {
      return await call(descriptor);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#onIdle();
    }
  }

  #idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }
}

export function writeAll(descriptor: number, offset: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    const rest = bytes.length - written;
    written += fs.writeSync(descriptor, bytes, written, rest, offset + written);
  }
}
