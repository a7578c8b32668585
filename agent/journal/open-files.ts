import type { Disk, DiskFile } from '../../libprocess/disk.ts';

/** Descriptors kept open for files that grow; the least recently used is closed beyond it. */
const OPEN_FILES_MAX = 2_048;

interface OpenFile {
  readonly file: DiskFile;
  sizeBytes: number;
}

/** The files most recently appended to, kept open. One write of a file at a time. */
export class OpenFiles {
  readonly #disk: Disk;
  /** Least recently used first. */
  readonly #files = new Map<string, OpenFile>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Cuts the file to `offset` and lets `bytes` follow; creates it if it does not exist. */
  async append(path: string, offset: number, bytes: Uint8Array): Promise<void> {
    const open = await this.#open(path);
    try {
      if (open.sizeBytes !== offset) await open.file.truncate(offset);
      await open.file.write(offset, bytes);
      open.sizeBytes = offset + bytes.length;
    } catch (error) {
      this.#files.delete(path); // How long the file is now is unknown.
      await open.file[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Before a file or tree is replaced or removed. */
  async closeUnder(path: string): Promise<void> {
    await this.#close(path);
    const prefix = `${path}/`;
    for (const each of this.#files.keys()) if (each.startsWith(prefix)) await this.#close(each);
  }

  async closeAll(): Promise<void> {
    for (const path of this.#files.keys()) await this.#close(path);
  }

  async #open(path: string): Promise<OpenFile> {
    const known = this.#files.get(path);
    if (known) {
      this.#files.delete(path);
      this.#files.set(path, known);
      return known;
    }
    const file = await this.#disk.open(path, 'write');
    const open = { file, sizeBytes: await file.size() };
    this.#files.set(path, open);
    const [oldest] = this.#files.keys();
    if (this.#files.size > OPEN_FILES_MAX && oldest !== undefined) await this.#close(oldest);
    return open;
  }

  async #close(path: string): Promise<void> {
    const open = this.#files.get(path);
    this.#files.delete(path);
    await open?.file[Symbol.asyncDispose]();
  }
}
