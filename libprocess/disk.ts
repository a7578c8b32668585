import type { Millis } from './clock.ts';

/** What a path is, not followed if it is a symbolic link. */
export type FileKind = 'file' | 'directory' | 'symlink' | 'other';

/** What `stat` tells of a path. */
export interface FileStatus {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  /** Permission bits, for example 0o644. */
  readonly mode: number;
  readonly modifiedAtMs: Millis;
  readonly linkCount: number;
  readonly uid: number;
  readonly gid: number;
}

/** One name in a directory; the order of names is that of the file system. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileKind;
}

/** `read`: must exist. `write`: created or kept. `truncate`: created or emptied. `exclusive`: must not exist. */
export type OpenMode = 'read' | 'write' | 'truncate' | 'exclusive';

/** What became of a watched file: it was written to (more may follow), or lost its last or its only name. */
export type FileChange = 'write' | 'remove' | 'rename';

/**
 * The places in a program that change a disk, by name: crash tests are generated from them. A function
 * where there may be several, which only a simulation asks for.
 */
export type WritePoints = string | (() => Iterable<string>);

/** An open file; whoever opened it closes it. */
export interface DiskFile extends AsyncDisposable {
  /** The same open file, whose changes are made at `points`: those of the disk that opened it if not said. */
  at(points: WritePoints): DiskFile;
  /** Reads up to `lengthBytes` from `offset`; shorter only at the end of the file. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>;
  /** Writes all of `bytes` at `offset`. On failure any part of them may have been written. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  /** Makes contents and size durable (fdatasync). A failure is final: the data may be gone. */
  sync(): Promise<void>;
  size(): Promise<number>;
}

/**
 * The file system of one host, addressed by absolute paths. Nothing is durable before `sync` of the
 * file, and a new, renamed or removed name not before `syncDirectory` of its directory.
 *
 * Errors: every method rejects with `DiskError`, whose `code` is the system's (`ENOENT`, `ENOSPC` ...).
 */
export interface Disk {
  /** The same disk, whose changes are made at `points`. */
  at(points: WritePoints): Disk;
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  readFile(path: string): Promise<Uint8Array>;
  /**
   * Creates or replaces the contents; not atomic and not durable. With `mode`, a new file has it,
   * whatever the process would give to others; one that exists may keep its own.
   */
  writeFile(path: string, bytes: Uint8Array, mode?: number): Promise<void>;
  /** Creates the directory and its missing parents; harmless if it exists. */
  makeDirectory(path: string): Promise<void>;
  readDirectory(path: string): Promise<readonly DirectoryEntry[]>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or symbolic link. */
  unlink(path: string): Promise<void>;
  /** Removes a whole tree, never following symbolic links; harmless if absent. */
  removeTree(path: string): Promise<void>;
  /** Creates `path` as a link to `target`; rejects with EEXIST if `path` exists. */
  symlink(target: string, path: string): Promise<void>;
  readLink(path: string): Promise<string>;
  /** Follows symbolic links. */
  status(path: string): Promise<FileStatus>;
  /** Does not follow a final symbolic link. */
  linkStatus(path: string): Promise<FileStatus>;
  setModifiedAt(path: string, modifiedAtMs: Millis): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  setOwner(path: string, uid: number, gid: number): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  /**
   * Calls `listener` when the file changes, until it is removed or renamed or the watch is disposed; never
   * for a directory. Several writes may be told as one. `Watcher` watches several files.
   */
  watch(path: string, listener: (change: FileChange) => void): Promise<Disposable>;
  /** Of the file system that holds `path`. */
  usage(path: string): Promise<{ readonly totalBytes: number; readonly freeBytes: number }>;
  /**
   * Takes the directory for this process until disposed or until the process ends, however it
   * ends. Rejects with `DirectoryLockedError`, naming the holder's pid if known.
   */
  lockDirectory(path: string): Promise<AsyncDisposable>;
}
