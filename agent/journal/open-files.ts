import assert from 'node:assert/strict';
import { concurrently } from '../../common/concurrently.ts';
import type { Disk, DiskFile } from '../../libprocess/disk.ts';

/** Descriptors kept open for files that grow; the least recently used is closed beyond it. */
const OPEN_FILES_MAX = 2_048;
/** Enough to keep the thread pool busy. */
const OPENS_MAX = 16;

interface OpenFile {
  readonly file: DiskFile;
  sizeBytes: number;
}

export interface Append {
  readonly path: string;
  readonly point: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The files most recently appended to, kept open. One call at a time. */
export class OpenFiles {
  readonly #disk: Disk;
  readonly #root: string;
  /** Least recently used first. */
  readonly #files = new Map<string, OpenFile>();

  /** Paths are relative to `root`: the callers' own strings, whose hashes are known. */
  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** For each: cuts the file to `offset` and lets `bytes` follow; creates it if it does not exist. */
  async append(appends: readonly Append[]): Promise<void> {
    try {
      const unknown = appends.filter(({ path }) => !this.#files.has(path));
      await concurrently(unknown, OPENS_MAX, ({ path, point }) => this.#open(path, point));
      for (const { path, point, offset, bytes } of appends) {
        const open = this.#used(path);
        const file = open.file.at(point);
        if (open.sizeBytes !== offset) await file.truncate(offset);
        open.sizeBytes = offset + bytes.length;
        if (bytes.length > 0) await file.write(offset, bytes);
      }
    } catch (error) {
      for (const { path } of appends) await this.close(path); // How long each is now is unknown.
      throw error;
    } finally {
      await this.#closeOldest();
    }
  }

  /** Before a file is replaced. */
  async close(path: string): Promise<void> {
    const open = this.#files.get(path);
    this.#files.delete(path);
    await open?.file[Symbol.asyncDispose]();
  }

  /** Before a file or tree is removed. Looks at every open file. */
  async closeUnder(path: string): Promise<void> {
    await this.close(path);
    const prefix = `${path}/`;
    for (const each of this.#files.keys()) if (each.startsWith(prefix)) await this.close(each);
  }

  async closeAll(): Promise<void> {
    for (const path of this.#files.keys()) await this.close(path);
  }

  #used(path: string): OpenFile {
    const open = this.#files.get(path);
    assert(open, `'${path}' is open`);
    this.#files.delete(path);
    this.#files.set(path, open);
    return open;
  }

  async #open(path: string, point: string): Promise<void> {
    const file = await this.#disk.at(point).open(`${this.#root}/${path}`, 'write');
    this.#files.set(path, { file, sizeBytes: await file.size() });
  }

  async #closeOldest(): Promise<void> {
    for (const path of this.#files.keys()) {
      if (this.#files.size <= OPEN_FILES_MAX) return;
      await this.close(path);
    }
  }
}
