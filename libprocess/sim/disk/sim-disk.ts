import type { Millis } from '../../clock.ts';
import type {
  DirectoryEntry,
  Disk,
  DiskFile,
  FileChange,
  FileStatus,
  OpenMode,
  WritePoints,
} from '../../disk.ts';
import { DirectoryLockedError, DiskError } from '../../errors.ts';
import type { Change, DiskClient } from './disk-client.ts';
import type { FileSystem } from '../file-system/file-system.ts';
import type { FileInode } from '../file-system/inode.ts';
import { SimDiskFile } from './sim-disk-file.ts';

/** A machine's disk as one process sees it; inert once the process has ended. */
export class SimDisk implements Disk {
  readonly #client: DiskClient;
  readonly #fileSystem: FileSystem;
  readonly #change: Change;

  constructor(client: DiskClient, points?: WritePoints) {
    this.#client = client;
    this.#fileSystem = client.disk.fileSystem;
    this.#change = { points };
  }

  at(points: WritePoints): SimDisk {
    return new SimDisk(this.#client, points);
  }

  open(path: string, mode: OpenMode): Promise<DiskFile> {
    return this.#open(path, mode, `open '${path}'`);
  }

  async readFile(path: string): Promise<Uint8Array> {
    return this.#client.call({
      kind: 'read',
      path,
      what: `read '${path}'`,
      action: () => this.#fileSystem.readFile(path),
    });
  }

  /** Empties, then writes: a crash between the two leaves nothing, as it does in reality. */
  async writeFile(path: string, bytes: Uint8Array, mode?: number): Promise<void> {
    const copy = bytes.slice();
    await using file = await this.#open(path, 'truncate', `write '${path}'`);
    if (mode !== undefined) await this.setMode(path, mode);
    await file.write(0, copy);
  }

  makeDirectory(path: string): Promise<void> {
    return this.#client.call({
      kind: 'directory',
      change: this.#change,
      path,
      what: `create directory '${path}'`,
      action: () => this.#fileSystem.makeDirectory(path),
    });
  }

  readDirectory(path: string): Promise<readonly DirectoryEntry[]> {
    return this.#client.call({
      kind: 'read',
      path,
      what: `read directory '${path}'`,
      action: () => this.#fileSystem.readDirectory(path),
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#client.call({
      kind: 'rename',
      change: this.#change,
      path: from,
      what: `rename '${from}' to '${to}'`,
      action: () => this.#fileSystem.rename(from, to),
    });
  }

  unlink(path: string): Promise<void> {
    return this.#client.call({
      kind: 'remove',
      change: this.#change,
      path,
      what: `remove '${path}'`,
      action: () => this.#fileSystem.unlink(path),
    });
  }

  /** One name after another, so that a crash leaves a part of the tree. */
  async removeTree(path: string): Promise<void> {
    try {
      await this.#removeAll(path, path);
    } catch (error) {
      if (!(error instanceof DiskError && error.code === 'ENOENT')) throw error;
    }
  }

  symlink(target: string, path: string): Promise<void> {
    return this.#client.call({
      kind: 'link',
      change: this.#change,
      path,
      what: `link '${path}' to '${target}'`,
      action: () => this.#fileSystem.symlink(target, path),
    });
  }

  readLink(path: string): Promise<string> {
    return this.#client.call({
      kind: 'status',
      path,
      what: `read link '${path}'`,
      action: () => this.#fileSystem.readLink(path),
    });
  }

  status(path: string): Promise<FileStatus> {
    return this.#status(path, true);
  }

  linkStatus(path: string): Promise<FileStatus> {
    return this.#status(path, false);
  }

  setModifiedAt(path: string, modifiedAtMs: Millis): Promise<void> {
    return this.#setAttributes(path, 'time', { modifiedAtMs });
  }

  setMode(path: string, mode: number): Promise<void> {
    return this.#setAttributes(path, 'mode', { mode });
  }

  setOwner(path: string, uid: number, gid: number): Promise<void> {
    return this.#setAttributes(path, 'owner', { uid, gid });
  }

  syncDirectory(path: string): Promise<void> {
    return this.#client.call({
      kind: 'sync-directory',
      change: this.#change,
      path,
      what: `sync directory '${path}'`,
      action: () => this.#fileSystem.syncDirectory(path),
    });
  }

  usage(path: string): Promise<{ readonly totalBytes: number; readonly freeBytes: number }> {
    return this.#client.call({
      kind: 'status',
      path,
      what: `measure '${path}'`,
      action: () => {
        this.#fileSystem.status(path);
        const { capacityBytes, freeBytes } = this.#fileSystem;
        return { totalBytes: capacityBytes, freeBytes };
      },
    });
  }

  async watch(path: string, listener: (change: FileChange) => void): Promise<Disposable> {
    const { incarnation } = this.#client;
    let over = false;
    const watch = await this.#client.call({
      kind: 'status',
      path,
      what: `watch '${path}'`,
      action: () =>
        this.#fileSystem.watch(path, (change) => {
          incarnation.post(() => {
            if (over) return;
            over = change !== 'write';
            listener(change);
          });
        }),
    });
    incarnation.onEnd(() => watch[Symbol.dispose]());
    return {
      [Symbol.dispose]: () => {
        over = true;
        watch[Symbol.dispose]();
      },
    };
  }

  lockDirectory(path: string): Promise<AsyncDisposable> {
    return this.#client.call({
      kind: 'lock',
      change: this.#change,
      path,
      what: `lock '${path}'`,
      action: () => this.#lock(path),
    });
  }

  #lock(path: string): AsyncDisposable {
    const directory = this.#fileSystem.directoryNumber(path);
    const holder = this.#client.disk.locks.get(directory);
    if (holder) {
      const message = `Failed to lock '${path}': process ${holder.pid} holds it`;
      throw new DirectoryLockedError('DIRECTORY_LOCKED', message);
    }
    this.#client.locked(directory);
    this.#fileSystem.writeFile(`${path}/.lock`, new TextEncoder().encode(`${this.#client.pid}\n`));
    return {
      [Symbol.asyncDispose]: () => {
        this.#client.unlocked(directory);
        return Promise.resolve();
      },
    };
  }

  async #open(path: string, mode: OpenMode, what: string): Promise<SimDiskFile> {
    const action = (): FileInode => {
      const file = this.#fileSystem.open(path, mode);
      this.#client.opened(file);
      return file;
    };
    const inode = await this.#client.call({
      kind: 'open',
      path,
      what,
      action,
      ...(mode !== 'read' && { change: this.#change }),
    });
    return SimDiskFile.opened(this.#client, path, { inode, points: this.#change.points });
  }

  async #removeAll(path: string, top: string): Promise<void> {
    const what = `remove '${top}'`;
    const { kind } = await this.#status(path, false);
    if (kind === 'directory') {
      for (const { name } of await this.readDirectory(path)) {
        await this.#removeAll(`${path}/${name}`, top);
      }
    }
    const action = (): void => {
      if (kind === 'directory') this.#fileSystem.removeDirectory(path);
      else this.#fileSystem.unlink(path);
    };
    await this.#client.call({ kind: 'remove', path, what, action, change: this.#change });
  }

  #status(path: string, follow: boolean): Promise<FileStatus> {
    return this.#client.call({
      kind: 'status',
      path,
      what: `examine '${path}'`,
      action: () => this.#fileSystem.status(path, { follow }),
    });
  }

  #setAttributes(
    path: string,
    name: string,
    attributes: Parameters<FileSystem['setAttributes']>[1],
  ): Promise<void> {
    return this.#client.call({
      kind: 'attributes',
      change: this.#change,
      path,
      what: `set the ${name} of '${path}'`,
      action: () => this.#fileSystem.setAttributes(path, attributes, { follow: name !== 'owner' }),
    });
  }
}
