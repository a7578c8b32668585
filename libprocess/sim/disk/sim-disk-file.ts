import type { DiskFile } from '../../disk.ts';
import type { DiskClient } from './disk-client.ts';
import { FileSystemError } from '../file-system/errors.ts';
import type { FileInode } from '../file-system/inode.ts';
import type { DiskOperationKind } from './machine-disk.ts';

/** An open file of one process. */
export class SimDiskFile implements DiskFile {
  readonly #client: DiskClient;
  readonly #path: string;
  readonly #inode: FileInode;
  #closed = false;
  #closing: Promise<void> | undefined;

  constructor(client: DiskClient, path: string, inode: FileInode) {
    this.#client = client;
    this.#path = path;
    this.#inode = inode;
  }

  read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    return this.#call('read', () => this.#fileSystem.read(this.#inode, offset, lengthBytes));
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice();
    return this.#call(
      'write',
      () => this.#fileSystem.write(this.#inode, offset, copy),
      // Half of it was written when the disk gave up.
      () => this.#fileSystem.write(this.#inode, offset, copy.subarray(0, copy.byteLength >> 1)),
    );
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#call('truncate', () => this.#fileSystem.truncate(this.#inode, sizeBytes));
  }

  sync(): Promise<void> {
    const { contents } = this.#inode;
    // What is written while the sync runs is not covered by it.
    const { sequence } = contents;
    return this.#call(
      'sync',
      () => contents.sync(sequence),
      () => contents.lose(sequence),
    );
  }

  size(): Promise<number> {
    return this.#call('status', () => this.#inode.contents.size);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#call('close', () => {
      this.#closed = true;
      this.#client.closed(this.#inode);
    });
    return this.#closing;
  }

  get #fileSystem() {
    return this.#client.disk.fileSystem;
  }

  #call<T>(kind: DiskOperationKind, action: () => T, onFault?: () => void): Promise<T> {
    const verb = VERBS[kind] ?? kind;
    return this.#client.call({
      kind,
      path: this.#path,
      what: `${verb} '${this.#path}'`,
      action: () => {
        if (this.#closed) throw new FileSystemError('EBADF');
        return action();
      },
      ...(onFault ? { onFault } : {}),
    });
  }
}

const VERBS: Partial<Record<DiskOperationKind, string>> = { status: 'examine' };
