import { writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { DiskFile } from '../../disk.ts';
import { attempt, diskError } from '../system-errors.ts';

/** An open file of this machine. */
export class NodeDiskFile implements DiskFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #closed: Promise<void> | undefined;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    return attempt(`read '${this.#path}'`, async () => {
      const bytes = new Uint8Array(lengthBytes);
      let filled = 0;
      while (filled < lengthBytes) {
        const rest = lengthBytes - filled;
        const { bytesRead } = await this.#handle.read(bytes, filled, rest, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled === lengthBytes ? bytes : bytes.slice(0, filled);
    });
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    return attempt(`write '${this.#path}'`, async () => {
      let written = 0;
      while (written < bytes.byteLength) {
        const rest = bytes.byteLength - written;
        const result = await this.#handle.write(bytes, written, rest, offset + written);
        written += result.bytesWritten;
      }
    });
  }

  /** Writes in this turn: the page cache takes it in less time than another thread is asked. */
  writeNow(offset: number, bytes: Uint8Array): void {
    try {
      let written = 0;
      while (written < bytes.byteLength) {
        const rest = bytes.byteLength - written;
        written += writeSync(this.#handle.fd, bytes, written, rest, offset + written);
      }
    } catch (cause) {
      throw diskError(`write '${this.#path}'`, cause);
    }
  }

  truncate(sizeBytes: number): Promise<void> {
    return attempt(`truncate '${this.#path}'`, () => this.#handle.truncate(sizeBytes));
  }

  sync(): Promise<void> {
    return attempt(`sync '${this.#path}'`, () => this.#handle.datasync());
  }

  async size(): Promise<number> {
    return (await attempt(`examine '${this.#path}'`, () => this.#handle.stat())).size;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= attempt(`close '${this.#path}'`, () => this.#handle.close());
    return this.#closed;
  }
}
