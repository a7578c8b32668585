import { constants, readFile, type Dirent, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Millis } from '../clock.ts';
import type {
  DirectoryEntry,
  Disk,
  DiskFile,
  FileKind,
  FileStatus,
  FileWrite,
  OpenMode,
} from '../disk.ts';
import { lockDirectory } from './directory-lock.ts';
import { NodeDiskFile } from './disk/node-disk-file.ts';
import { writeSmallFiles } from './disk/small-writes.ts';
import { attempt } from './system-errors.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC } = constants;

const OPEN_FLAGS: Readonly<Record<OpenMode, number>> = {
  read: O_RDONLY,
  write: O_RDWR | O_CREAT,
  truncate: O_RDWR | O_CREAT | O_TRUNC,
  exclusive: O_RDWR | O_CREAT | O_EXCL,
};

/** Half the time of the promise API, which makes a handle for every file. */
const readWhole = promisify(readFile);

/** The file system of this machine. */
export class NodeDisk implements Disk {
  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    const handle = await attempt(`open '${path}'`, () => fs.open(path, OPEN_FLAGS[mode]));
    return new NodeDiskFile(path, handle);
  }

  async readFile(path: string): Promise<Uint8Array> {
    const buffer = await attempt(`read '${path}'`, () => readWhole(path));
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  writeFile(path: string, bytes: Uint8Array): Promise<void> {
    return attempt(`write '${path}'`, () => fs.writeFile(path, bytes));
  }

  writeAll(writes: readonly FileWrite[]): Promise<void> {
    return writeSmallFiles(writes);
  }

  async makeDirectory(path: string): Promise<void> {
    await attempt(`create directory '${path}'`, () => fs.mkdir(path, { recursive: true }));
  }

  async readDirectory(path: string): Promise<readonly DirectoryEntry[]> {
    const entries = await attempt(`read directory '${path}'`, () =>
      fs.readdir(path, { withFileTypes: true }),
    );
    return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
  }

  rename(from: string, to: string): Promise<void> {
    return attempt(`rename '${from}' to '${to}'`, () => fs.rename(from, to));
  }

  unlink(path: string): Promise<void> {
    return attempt(`remove '${path}'`, () => fs.unlink(path));
  }

  removeTree(path: string): Promise<void> {
    return attempt(`remove '${path}'`, () => fs.rm(path, { recursive: true, force: true }));
  }

  symlink(target: string, path: string): Promise<void> {
    return attempt(`link '${path}' to '${target}'`, () => fs.symlink(target, path));
  }

  readLink(path: string): Promise<string> {
    return attempt(`read link '${path}'`, () => fs.readlink(path));
  }

  async status(path: string): Promise<FileStatus> {
    return statusOf(await attempt(`examine '${path}'`, () => fs.stat(path)));
  }

  async linkStatus(path: string): Promise<FileStatus> {
    return statusOf(await attempt(`examine '${path}'`, () => fs.lstat(path)));
  }

  setModifiedAt(path: string, modifiedAtMs: Millis): Promise<void> {
    const at = new Date(modifiedAtMs);
    return attempt(`set the time of '${path}'`, () => fs.utimes(path, at, at));
  }

  setMode(path: string, mode: number): Promise<void> {
    return attempt(`set the mode of '${path}'`, () => fs.chmod(path, mode));
  }

  setOwner(path: string, uid: number, gid: number): Promise<void> {
    return attempt(`set the owner of '${path}'`, () => fs.lchown(path, uid, gid));
  }

  syncDirectory(path: string): Promise<void> {
    return attempt(`sync directory '${path}'`, async () => {
      const handle = await fs.open(path, O_RDONLY | O_DIRECTORY);
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
  }

  async usage(path: string): Promise<{ readonly totalBytes: number; readonly freeBytes: number }> {
    const { blocks, bavail, bsize } = await attempt(`measure '${path}'`, () => fs.statfs(path));
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  }

  lockDirectory(path: string): Promise<AsyncDisposable> {
    return lockDirectory(path);
  }
}

function kindOf(entry: Dirent | Stats): FileKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : 'other';
}

function statusOf(stats: Stats): FileStatus {
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
