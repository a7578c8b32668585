import type { DiskFile, WritePoints } from '../../disk.ts';
import type { Change, DiskClient } from './disk-client.ts';
import { FileSystemError } from '../file-system/errors.ts';
import type { FileInode } from '../file-system/inode.ts';
import type { DiskOperationKind } from './machine-disk.ts';

/** What the system knows of an open file, by however many names it is called. */
class Descriptor {
  readonly client: DiskClient;
  readonly path: string;
  readonly inode: FileInode;
  closed = false;
  closing: Promise<void> | undefined;

  constructor(client: DiskClient, path: string, inode: FileInode) {
    this.client = client;
    this.path = path;
    this.inode = inode;
  }
}

/** An open file of one process. */
export class SimDiskFile implements DiskFile {
  readonly #descriptor: Descriptor;
  readonly #points: WritePoints | undefined;

  private constructor(descriptor: Descriptor, points: WritePoints | undefined) {
    this.#descriptor = descriptor;
    this.#points = points;
  }

  static opened(
    client: DiskClient,
    path: string,
    { inode, points }: { readonly inode: FileInode; readonly points: WritePoints | undefined },
  ): SimDiskFile {
    return new SimDiskFile(new Descriptor(client, path, inode), points);
  }

  at(points: WritePoints): SimDiskFile {
    return new SimDiskFile(this.#descriptor, points);
  }

  read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    const { inode } = this.#descriptor;
    return this.#call('read', () => this.#fileSystem.read(inode, offset, lengthBytes));
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice();
    const { inode } = this.#descriptor;
    const part = (lengthBytes: number): void => {
      this.#fileSystem.write(inode, offset, copy.subarray(0, lengthBytes));
    };
    return this.#change(
      'write',
      { action: () => part(copy.byteLength), onFault: () => part(copy.byteLength >> 1) },
      { bytes: copy, part },
    );
  }

  truncate(sizeBytes: number): Promise<void> {
    const { inode } = this.#descriptor;
    return this.#change('truncate', {
      action: () => this.#fileSystem.truncate(inode, sizeBytes),
    });
  }

  sync(): Promise<void> {
    const { contents } = this.#descriptor.inode;
    // What is written while the sync runs is not covered by it.
    const { sequence } = contents;
    return this.#change('sync', {
      action: () => contents.sync(sequence),
      onFault: () => contents.lose(sequence),
    });
  }

  size(): Promise<number> {
    return this.#call('status', () => this.#descriptor.inode.contents.size);
  }

  [Symbol.asyncDispose](): Promise<void> {
    const descriptor = this.#descriptor;
    descriptor.closing ??= this.#call('close', () => {
      descriptor.closed = true;
      descriptor.client.closed(descriptor.inode);
    });
    return descriptor.closing;
  }

  get #fileSystem() {
    return this.#descriptor.client.disk.fileSystem;
  }

  #change(
    kind: DiskOperationKind,
    { action, onFault }: { readonly action: () => void; readonly onFault?: () => void },
    written?: Pick<Change, 'bytes' | 'part'>,
  ): Promise<void> {
    const change = { points: this.#points, ...written };
    return this.#call(kind, action, { change, ...(onFault && { onFault }) });
  }

  #call<T>(
    kind: DiskOperationKind,
    action: () => T,
    more: { readonly change?: Change; readonly onFault?: () => void } = {},
  ): Promise<T> {
    const descriptor = this.#descriptor;
    const { client, path } = descriptor;
    return client.call({
      kind,
      path,
      what: `${VERBS[kind] ?? kind} '${path}'`,
      action: () => {
        if (descriptor.closed) throw new FileSystemError('EBADF');
        return action();
      },
      ...more,
    });
  }
}

const VERBS: Partial<Record<DiskOperationKind, string>> = { status: 'examine' };
