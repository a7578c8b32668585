import type { Millis } from '../../clock.ts';
import type { DirectoryEntry, FileChange, FileStatus, OpenMode } from '../../disk.ts';
import { DirectoryJournal } from './directory-journal.ts';
import { FileSystemError } from './errors.ts';
import { FileWatches } from './file-watches.ts';
import { DirectoryInode, FileInode, type Inode, SymlinkInode } from './inode.ts';
import { Paths, type Located } from './paths.ts';
import type { Survival } from './survival.ts';

export interface FileSystemOptions {
  readonly capacityBytes: number;
  /** Wall time of the machine. */
  readonly now: () => Millis;
}

/**
 * The file system of one simulated machine: what every process on it sees (the page cache) and what
 * a power cut leaves of it. Synchronous; `SimDisk` adds time, failures and lives to it. Errors are
 * `FileSystemError`.
 */
export class FileSystem {
  capacityBytes: number;
  readonly #now: () => Millis;
  readonly #root: DirectoryInode;
  readonly #paths: Paths;
  readonly #journal = new DirectoryJournal();
  readonly #watches = new FileWatches();
  #inodes = 1;
  #usedBytes = 0;

  constructor({ capacityBytes, now }: FileSystemOptions) {
    this.capacityBytes = capacityBytes;
    this.#now = now;
    this.#root = new DirectoryInode(1, 0o755, now());
    this.#paths = new Paths(this.#root);
  }

  get freeBytes(): number {
    return Math.max(0, this.capacityBytes - this.#usedBytes);
  }

  open(path: string, mode: OpenMode): FileInode {
    const { directory, name, inode } = this.#paths.locate(path, { follow: true });
    if (!inode) {
      if (mode === 'read') throw new FileSystemError('ENOENT');
      const created = new FileInode(this.#number(), 0o644, this.#now());
      this.#journal.apply([{ directory, name, inode: created }]);
      directory.modifiedAtMs = this.#now();
      created.openCount += 1;
      return created;
    }
    if (mode === 'exclusive') throw new FileSystemError('EEXIST');
    if (!(inode instanceof FileInode)) {
      throw new FileSystemError('EISDIR');
    }
    inode.openCount += 1;
    if (mode === 'truncate') this.truncate(inode, 0);
    return inode;
  }

  close(file: FileInode): void {
    file.openCount -= 1;
    this.#release(file);
  }

  read(file: FileInode, offset: number, lengthBytes: number): Uint8Array {
    return file.contents.read(offset, lengthBytes);
  }

  /** Writes as much as there is room for; if that is not all, ENOSPC. */
  write(file: FileInode, offset: number, bytes: Uint8Array): void {
    const growth = Math.max(0, offset + bytes.byteLength - file.contents.size);
    const excess = Math.max(0, growth - this.freeBytes);
    const fitting = bytes.subarray(0, Math.max(0, bytes.byteLength - excess));
    const before = file.contents.size;
    file.contents.write(offset, fitting);
    this.#usedBytes += file.contents.size - before;
    file.modifiedAtMs = this.#now();
    if (fitting.length > 0) this.#watches.tell(file, 'write');
    if (excess > 0) throw new FileSystemError('ENOSPC');
  }

  truncate(file: FileInode, sizeBytes: number): void {
    this.#usedBytes += sizeBytes - file.contents.size;
    file.contents.truncate(sizeBytes);
    file.modifiedAtMs = this.#now();
    this.#watches.tell(file, 'write');
  }

  readFile(path: string): Uint8Array {
    const inode = this.#paths.lookup(path);
    if (!(inode instanceof FileInode)) throw new FileSystemError('EISDIR');
    return inode.contents.read(0, inode.contents.size);
  }

  /** What any power cut leaves of a file at least, if it leaves its name. */
  readDurable(path: string): Uint8Array {
    const inode = this.#paths.lookup(path);
    if (!(inode instanceof FileInode)) throw new FileSystemError('EISDIR');
    return inode.contents.durable();
  }

  writeFile(path: string, bytes: Uint8Array): void {
    const file = this.open(path, 'truncate');
    try {
      this.write(file, 0, bytes);
    } finally {
      this.close(file);
    }
  }

  appendFile(path: string, bytes: Uint8Array): void {
    const file = this.open(path, 'write');
    try {
      this.write(file, file.contents.size, bytes);
    } finally {
      this.close(file);
    }
  }

  makeDirectory(path: string): void {
    const { directory, name, inode } = this.#locateMakingParents(path);
    if (inode instanceof DirectoryInode) return;
    if (inode) throw new FileSystemError('EEXIST');
    const created = new DirectoryInode(this.#number(), 0o755, this.#now());
    created.parent = directory;
    this.#journal.apply([{ directory, name, inode: created }]);
    directory.modifiedAtMs = this.#now();
  }

  #locateMakingParents(path: string): Located {
    try {
      return this.#paths.locate(path, { follow: true });
    } catch (error) {
      if (!(error instanceof FileSystemError) || error.code !== 'ENOENT') throw error;
      this.makeDirectory(path.slice(0, path.lastIndexOf('/')));
      return this.#paths.locate(path, { follow: true });
    }
  }

  readDirectory(path: string): readonly DirectoryEntry[] {
    return [...this.#directory(path).entries].map(([name, { kind }]) => ({ name, kind }));
  }

  rename(from: string, to: string): void {
    const source = this.#paths.locate(from, { follow: false });
    const target = this.#paths.locate(to, { follow: false });
    if (!source.inode) throw new FileSystemError('ENOENT');
    if (source.inode === target.inode) return;
    if (target.inode) refuseReplacement(source.inode, target.inode);
    if (source.inode instanceof DirectoryInode) {
      if (within(target.directory, source.inode)) throw new FileSystemError('EINVAL');
      source.inode.parent = target.directory;
    }
    this.#journal.apply([
      { directory: source.directory, name: source.name, inode: undefined },
      { directory: target.directory, name: target.name, inode: source.inode },
    ]);
    source.directory.modifiedAtMs = target.directory.modifiedAtMs = this.#now();
    this.#watches.tell(source.inode, 'rename');
    if (target.inode) this.#unlinked(target.inode);
  }

  unlink(path: string): void {
    const { directory, name, inode } = this.#paths.locate(path, { follow: false });
    if (!inode) throw new FileSystemError('ENOENT');
    if (inode instanceof DirectoryInode) throw new FileSystemError('EISDIR');
    this.#remove(directory, name, inode);
  }

  removeDirectory(path: string): void {
    const { directory, name, inode } = this.#paths.locate(path, { follow: false });
    if (!inode) throw new FileSystemError('ENOENT');
    if (!(inode instanceof DirectoryInode)) throw new FileSystemError('ENOTDIR');
    if (inode === this.#root) throw new FileSystemError('EBUSY');
    if (inode.entries.size > 0) throw new FileSystemError('ENOTEMPTY');
    this.#remove(directory, name, inode);
  }

  symlink(target: string, path: string): void {
    const { directory, name, inode } = this.#paths.locate(path, { follow: false });
    if (inode) throw new FileSystemError('EEXIST');
    const link = new SymlinkInode(this.#number(), target, this.#now());
    this.#journal.apply([{ directory, name, inode: link }]);
  }

  readLink(path: string): string {
    const inode = this.#paths.lookup(path, { follow: false });
    if (!(inode instanceof SymlinkInode)) throw new FileSystemError('EINVAL');
    return inode.target;
  }

  status(path: string, { follow = true }: { readonly follow?: boolean } = {}): FileStatus {
    const inode = this.#paths.lookup(path, { follow });
    const { kind, mode, modifiedAtMs, uid, gid } = inode;
    return {
      kind,
      sizeBytes: sizeOf(inode),
      mode,
      modifiedAtMs,
      linkCount: links(inode),
      uid,
      gid,
    };
  }

  setAttributes(
    path: string,
    attributes: Partial<Pick<Inode, 'mode' | 'uid' | 'gid' | 'modifiedAtMs'>>,
    { follow = true }: { readonly follow?: boolean } = {},
  ): void {
    Object.assign(this.#paths.lookup(path, { follow }), attributes);
  }

  syncDirectory(path: string): void {
    this.#journal.sync(this.#directory(path));
  }

  /** EISDIR for a directory. */
  watch(path: string, listener: (change: FileChange) => void): Disposable {
    const inode = this.#paths.lookup(path);
    if (inode instanceof DirectoryInode) throw new FileSystemError('EISDIR');
    return this.#watches.add(inode, listener);
  }

  /** What identifies a directory, whatever path leads to it. */
  directoryNumber(path: string): number {
    return this.#directory(path).number;
  }

  exists(path: string): boolean {
    try {
      this.#paths.lookup(path, { follow: false });
      return true;
    } catch {
      return false;
    }
  }

  /** A bit of a file that lies there for long turns over, and nobody notices. */
  flipBit(path: string, offset: number, bit: number): void {
    const inode = this.#paths.lookup(path);
    if (!(inode instanceof FileInode)) throw new FileSystemError('EISDIR');
    inode.contents.flipBit(offset, bit);
  }

  /** The power fails: `survival` says what is left of that which no sync had made durable. */
  crash(survival: Survival): void {
    this.#journal.crash(survival);
    this.#watches.clear();
    this.#usedBytes = 0;
    const visited = new Set<Inode>();
    const restore = (directory: DirectoryInode): void => {
      visited.add(directory);
      directory.entries = new Map(directory.durable);
      for (const inode of directory.entries.values()) {
        inode.linkCount = visited.has(inode) ? inode.linkCount + 1 : 1;
        if (visited.has(inode)) continue;
        visited.add(inode);
        if (inode instanceof DirectoryInode) {
          inode.parent = directory;
          restore(inode);
        } else if (inode instanceof FileInode) {
          inode.openCount = 0;
          inode.contents.crash(survival);
          this.#usedBytes += inode.contents.size;
        }
      }
    };
    restore(this.#root);
  }

  #directory(path: string): DirectoryInode {
    const inode = this.#paths.lookup(path);
    if (!(inode instanceof DirectoryInode)) throw new FileSystemError('ENOTDIR');
    return inode;
  }

  #remove(directory: DirectoryInode, name: string, inode: Inode): void {
    this.#journal.apply([{ directory, name, inode: undefined }]);
    directory.modifiedAtMs = this.#now();
    this.#unlinked(inode);
  }

  #unlinked(inode: Inode): void {
    inode.linkCount -= 1;
    if (inode.linkCount === 0) this.#watches.tell(inode, 'remove');
    if (inode instanceof FileInode) this.#release(inode);
  }

  /** The last name and the last descriptor are gone: the bytes are free. */
  #release(file: FileInode): void {
    if (file.linkCount === 0 && file.openCount === 0) this.#usedBytes -= file.contents.size;
  }

  #number(): number {
    this.#inodes += 1;
    return this.#inodes;
  }
}

function refuseReplacement(source: Inode, target: Inode): void {
  const [from, onto] = [source instanceof DirectoryInode, target instanceof DirectoryInode];
  if (onto && !from) throw new FileSystemError('EISDIR');
  if (from && !onto) throw new FileSystemError('ENOTDIR');
  if (target instanceof DirectoryInode && target.entries.size > 0) {
    throw new FileSystemError('ENOTEMPTY');
  }
}

/** Whether `directory` is `ancestor` or below it. */
function within(directory: DirectoryInode, ancestor: DirectoryInode): boolean {
  for (let at: DirectoryInode | undefined = directory; at; at = at.parent) {
    if (at === ancestor) return true;
  }
  return false;
}

function sizeOf(inode: Inode): number {
  if (inode instanceof FileInode) return inode.contents.size;
  if (inode instanceof SymlinkInode) return Buffer.byteLength(inode.target);
  return DIRECTORY_BYTES;
}

function links(inode: Inode): number {
  if (!(inode instanceof DirectoryInode)) return inode.linkCount;
  return 2 + [...inode.entries.values()].filter(({ kind }) => kind === 'directory').length;
}

const DIRECTORY_BYTES = 4_096;
