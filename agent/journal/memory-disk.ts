import type { Disk, DiskFile, OpenMode } from '../../libprocess/disk.ts';
import { DiskError } from '../../libprocess/errors.ts';

interface Node {
  kind: 'file' | 'directory' | 'symlink';
  bytes: Uint8Array;
  mode: number;
  target: string;
}
const fail = (code: string, path: string): never => {
  throw new DiskError(code, `${code}: ${path}`);
};

/** Temporary: until SimDisk lands. */
export class MemoryDisk implements Disk {
  readonly nodes = new Map<string, Node>([
    ['/', { kind: 'directory', bytes: new Uint8Array(), mode: 0o755, target: '' }],
  ]);
  readonly log: string[] = [];
  /** Throws what a write or sync should fail with. */
  fault: (what: 'write' | 'sync', path: string) => void = () => undefined;
  #node(path: string): Node {
    return this.nodes.get(path) ?? fail('ENOENT', path);
  }
  #parent(path: string): void {
    this.#node(path.slice(0, path.lastIndexOf('/')) || '/');
  }
  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    const has = this.nodes.has(path);
    if (mode === 'read') this.#node(path);
    if (mode === 'exclusive' && has) fail('EEXIST', path);
    if (!has || mode === 'truncate') {
      this.#parent(path);
      this.nodes.set(path, { kind: 'file', bytes: new Uint8Array(), mode: 0o644, target: '' });
    }
    const node = this.#node(path);
    return {
      read: async (offset, length) => node.bytes.slice(offset, offset + length),
      write: async (offset, bytes) => {
        this.fault('write', path);
        this.log.push(`write ${path}`);
        const next = new Uint8Array(Math.max(node.bytes.length, offset + bytes.length));
        next.set(node.bytes);
        next.set(bytes, offset);
        node.bytes = next;
      },
      truncate: async (size) => {
        const next = new Uint8Array(size);
        next.set(node.bytes.subarray(0, size));
        node.bytes = next;
      },
      sync: async () => {
        this.fault('sync', path);
        this.log.push(`sync ${path}`);
      },
      size: async () => node.bytes.length,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  async readFile(path: string): Promise<Uint8Array> {
    return this.#node(path).bytes.slice();
  }
  async writeFile(path: string, bytes: Uint8Array): Promise<void> {
    await using f = await this.open(path, 'truncate');
    await f.write(0, bytes);
  }
  async makeDirectory(path: string): Promise<void> {
    const parts = path.split('/');
    for (let i = 2; i <= parts.length; i += 1) {
      const each = parts.slice(0, i).join('/');
      if (!this.nodes.has(each))
        this.nodes.set(each, {
          kind: 'directory',
          bytes: new Uint8Array(),
          mode: 0o755,
          target: '',
        });
    }
  }
  async readDirectory(
    path: string,
  ): Promise<{ name: string; kind: 'file' | 'directory' | 'symlink' }[]> {
    this.#node(path);
    return [...this.nodes]
      .filter(([p]) => p.startsWith(`${path}/`) && !p.slice(path.length + 1).includes('/'))
      .map(([p, n]) => ({ name: p.slice(path.length + 1), kind: n.kind }));
  }
  async rename(from: string, to: string): Promise<void> {
    const node = this.#node(from);
    this.nodes.delete(from);
    this.nodes.set(to, node);
  }
  async unlink(path: string): Promise<void> {
    this.#node(path);
    this.nodes.delete(path);
  }
  async removeTree(path: string): Promise<void> {
    for (const p of [...this.nodes.keys()])
      if (p === path || p.startsWith(`${path}/`)) this.nodes.delete(p);
  }
  async symlink(target: string, path: string): Promise<void> {
    if (this.nodes.has(path)) fail('EEXIST', path);
    this.nodes.set(path, { kind: 'symlink', bytes: new Uint8Array(), mode: 0o777, target });
  }
  async readLink(path: string): Promise<string> {
    return this.#node(path).target;
  }
  async status(path: string): ReturnType<Disk['status']> {
    const n = this.#node(path);
    return {
      kind: n.kind,
      sizeBytes: n.bytes.length,
      mode: n.mode,
      modifiedAtMs: 0,
      linkCount: 1,
      uid: 0,
      gid: 0,
    };
  }
  linkStatus(path: string): ReturnType<Disk['status']> {
    return this.status(path);
  }
  async setModifiedAt(): Promise<void> {}
  async setMode(path: string, mode: number): Promise<void> {
    this.#node(path).mode = mode;
  }
  async setOwner(): Promise<void> {}
  async syncDirectory(path: string): Promise<void> {
    this.#node(path);
    this.log.push(`sync ${path}`);
  }
  async usage(): ReturnType<Disk['usage']> {
    return { totalBytes: 1, freeBytes: 1 };
  }
  async lockDirectory(): Promise<AsyncDisposable> {
    return { [Symbol.asyncDispose]: async () => undefined };
  }
}
