import * as fs from 'node:fs';
import * as pool from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Millis } from '../clock.ts';
import type {
  DirectoryEntry,
  Disk,
  DiskFile,
  FileChange,
  FileKind,
  FileStatus,
  OpenMode,
} from '../disk.ts';
import { lockDirectory } from './directory-lock.ts';
import { BriefCalls } from './disk/brief-calls.ts';
import { NodeDiskFile, SMALL_BYTES_MAX } from './disk/node-disk-file.ts';
import { readInPool, readNow, writeInPool, writeNow } from './disk/whole-files.ts';
import { readFew, removeSmall } from './disk/small-trees.ts';
import { watchFile } from './disk/watch-file.ts';
import { attempt } from './system-errors.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC } = fs.constants;

/** Nobody who puts a FIFO in the place of a file makes us wait for its other end. */
const OPEN_FLAGS: Readonly<Record<OpenMode, number>> = {
  read: O_RDONLY | O_NONBLOCK,
  write: O_RDWR | O_CREAT | O_NONBLOCK,
  truncate: O_RDWR | O_CREAT | O_TRUNC | O_NONBLOCK,
  exclusive: O_RDWR | O_CREAT | O_EXCL,
};

const openInPool = promisify(fs.open);
const syncInPool = promisify(fs.fsync);

/** The file system of this machine. */
export class NodeDisk implements Disk {
  readonly #calls = new BriefCalls();

  at(): this {
    return this; // Only simulations want to know.
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    const flags = OPEN_FLAGS[mode];
    const descriptor = await this.#run(
      `open '${path}'`,
      () => fs.openSync(path, flags),
      () => openInPool(path, flags),
    );
    return new NodeDiskFile(path, descriptor, this.#calls);
  }

  async readFile(path: string): Promise<Uint8Array> {
    const what = `read '${path}'`;
    const pooled = (): Promise<Uint8Array> => readInPool(path);
    const bytes = await this.#run(what, () => readNow(path), pooled);
    return bytes ?? attempt(what, pooled);
  }

  writeFile(path: string, bytes: Uint8Array, mode?: number): Promise<void> {
    const what = `write '${path}'`;
    const pooled = (): Promise<void> => writeInPool(path, bytes, mode);
    if (bytes.length > SMALL_BYTES_MAX) return attempt(what, pooled);
    return this.#run(what, () => writeNow(path, bytes, mode), pooled);
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#run(
      `create directory '${path}'`,
      () => fs.mkdirSync(path, { recursive: true }),
      () => pool.mkdir(path, { recursive: true }),
    );
  }

  async readDirectory(path: string): Promise<readonly DirectoryEntry[]> {
    const what = `read directory '${path}'`;
    const pooled = (): Promise<fs.Dirent[]> => pool.readdir(path, { withFileTypes: true });
    const few = await this.#run(what, () => readFew(path), pooled);
    const entries = few ?? (await attempt(what, pooled));
    return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#run(
      `rename '${from}' to '${to}'`,
      () => fs.renameSync(from, to),
      () => pool.rename(from, to),
    );
  }

  unlink(path: string): Promise<void> {
    return this.#run(
      `remove '${path}'`,
      () => fs.unlinkSync(path),
      () => pool.unlink(path),
    );
  }

  async removeTree(path: string): Promise<void> {
    const what = `remove '${path}'`;
    const pooled = (): Promise<void> => pool.rm(path, { recursive: true, force: true });
    if (
      !(await this.#run(
        what,
        () => removeSmall(path),
        async () => false,
      ))
    ) {
      await attempt(what, pooled);
    }
  }

  symlink(target: string, path: string): Promise<void> {
    return this.#run(
      `link '${path}' to '${target}'`,
      () => fs.symlinkSync(target, path),
      () => pool.symlink(target, path),
    );
  }

  readLink(path: string): Promise<string> {
    return this.#run(
      `read link '${path}'`,
      () => fs.readlinkSync(path),
      () => pool.readlink(path),
    );
  }

  async status(path: string): Promise<FileStatus> {
    return statusOf(
      await this.#run(
        `examine '${path}'`,
        () => fs.statSync(path),
        () => pool.stat(path),
      ),
    );
  }

  async linkStatus(path: string): Promise<FileStatus> {
    return statusOf(
      await this.#run(
        `examine '${path}'`,
        () => fs.lstatSync(path),
        () => pool.lstat(path),
      ),
    );
  }

  setModifiedAt(path: string, modifiedAtMs: Millis): Promise<void> {
    const at = new Date(modifiedAtMs);
    return this.#run(
      `set the time of '${path}'`,
      () => fs.utimesSync(path, at, at),
      () => pool.utimes(path, at, at),
    );
  }

  setMode(path: string, mode: number): Promise<void> {
    return this.#run(
      `set the mode of '${path}'`,
      () => fs.chmodSync(path, mode),
      () => pool.chmod(path, mode),
    );
  }

  setOwner(path: string, uid: number, gid: number): Promise<void> {
    return this.#run(
      `set the owner of '${path}'`,
      () => fs.lchownSync(path, uid, gid),
      () => pool.lchown(path, uid, gid),
    );
  }

  async syncDirectory(path: string): Promise<void> {
    const what = `sync directory '${path}'`;
    const flags = O_RDONLY | O_DIRECTORY;
    const descriptor = await this.#run(
      what,
      () => fs.openSync(path, flags),
      () => openInPool(path, flags),
    );
    try {
      await attempt(what, () => syncInPool(descriptor));
    } finally {
      fs.closeSync(descriptor);
    }
  }

  async usage(path: string): Promise<{ readonly totalBytes: number; readonly freeBytes: number }> {
    const { blocks, bavail, bsize } = await attempt(`measure '${path}'`, () => pool.statfs(path));
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  }

  async watch(path: string, listener: (change: FileChange) => void): Promise<Disposable> {
    return watchFile(path, listener);
  }

  lockDirectory(path: string): Promise<AsyncDisposable> {
    return lockDirectory(path);
  }

  #run<T>(what: string, brief: () => T, pooled: () => Promise<T>): Promise<T> {
    return this.#calls.run({ what, brief, pooled });
  }
}

function kindOf(entry: fs.Dirent | fs.Stats): FileKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : 'other';
}

function statusOf(stats: fs.Stats): FileStatus {
  return {
    kind: kindOf(stats),
    sizeBytes: stats.size,
    mode: stats.mode & 0o7777,
    modifiedAtMs: stats.mtimeMs,
    linkCount: stats.nlink,
    uid: stats.uid,
    gid: stats.gid,
  };
}
