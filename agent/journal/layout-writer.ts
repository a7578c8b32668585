import type { Disk } from '../../libprocess/disk.ts';
import { DiskError } from '../../libprocess/errors.ts';
import { concurrently } from '../../common/concurrently.ts';
import type { Change } from './change.ts';
import { DIRECTORY_MODE, FILE_MODE } from './journal-codec.ts';
import type { JournalOp } from './journal.ts';
import { OpenFiles, type Append } from './open-files.ts';
import { pendingFiles, type PendingFile } from './pending-files.ts';

/** Enough to keep the thread pool busy; more only queues. */
const WRITES_MAX = 64;
/** Directories known to exist; beyond it they are looked up again. */
const KNOWN_DIRECTORIES_MAX = 65_536;

/** What a crash of the host could still take away. */
export interface Unsynced {
  readonly files: ReadonlySet<string>;
  readonly directories: ReadonlySet<string>;
}

/**
 * Carries committed operations out on the plain files, without syncing them, and remembers which it
 * touched. Doing the same operations again gives the same files.
 */
export class LayoutWriter {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #open: OpenFiles;
  readonly #knownDirectories = new Set<string>();
  #files = new Set<string>();
  #directories = new Set<string>();

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
    this.#open = new OpenFiles(disk, root);
  }

  /** In order, as far as anyone can see; writes of one file are joined, different files overlap. */
  async apply(changes: readonly Change[]): Promise<void> {
    let start = 0;
    for (const [index, { op, point }] of changes.entries()) {
      if (op.kind !== 'remove') continue;
      await this.#write(changes.slice(start, index));
      await this.#remove(this.#disk.at(point), op.path);
      start = index + 1;
    }
    await this.#write(start === 0 ? changes : changes.slice(start));
  }

  /**
   * Remembers operations that were carried out by an agent before this one, and not synced. They are older
   * than all that this one carries out, and come first.
   */
  note(ops: readonly JournalOp[]): void {
    for (const { kind, path } of ops) {
      if (kind === 'put' || kind === 'append') this.#files.add(path);
      else if (kind === 'directory') this.#directories.add(path);
      // Which of them it made is not known. Those above one that is there are there as well.
      for (let each = path; each !== ''; each = parentOf(each)) {
        const parent = parentOf(each);
        if (this.#directories.has(parent)) break;
        this.#directories.add(parent);
      }
    }
  }

  /** What was touched since the last call. */
  takeUnsynced(): Unsynced {
    const taken = { files: this.#files, directories: this.#directories };
    this.#files = new Set();
    this.#directories = new Set();
    return taken;
  }

  /** Makes `unsynced` durable, `limit` at a time. What was removed meanwhile is skipped. */
  async sync({ files, directories }: Unsynced, limit: number): Promise<void> {
    const disk = this.#disk.at('journal-retirement');
    await concurrently(files, limit, (path) => this.#unlessGone(() => this.#syncFile(disk, path)));
    await concurrently(directories, limit, (path) =>
      this.#unlessGone(() => disk.syncDirectory(this.#absolute(path))),
    );
  }

  async close(): Promise<void> {
    await this.#open.closeAll();
  }

  async #write(changes: readonly Change[]): Promise<void> {
    for (const { op, point } of changes) {
      if (op.kind === 'directory') await this.#directory(this.#disk.at(point), op.path, op.mode);
      else if (op.kind === 'symlink') await this.#symlink(this.#disk.at(point), op.path, op.target);
    }
    const appends: Append[] = [];
    const puts: (readonly [string, PendingFile])[] = [];
    for (const [path, file] of pendingFiles(changes)) {
      this.#files.add(path);
      const { point, offset, bytes } = file;
      if (file.replaces || !this.#open.has(path)) {
        const parent = parentOf(path);
        await this.#ensureDirectory(this.#disk.at(point), parent);
        this.#directories.add(parent); // The file may be new.
      }
      if (file.replaces) puts.push([path, file]);
      else appends.push({ path, point, offset, bytes });
    }
    if (puts.length > 0) {
      await concurrently(puts, WRITES_MAX, ([path, file]) => this.#put(path, file));
    }
    if (appends.length > 0) await this.#open.append(appends);
  }

  async #put(path: string, file: PendingFile): Promise<void> {
    const disk = this.#disk.at(file.point);
    const absolute = this.#absolute(path);
    await this.#open.close(path);
    const temporary = `${absolute}.tmp`;
    await disk.writeFile(temporary, file.bytes, file.mode ?? FILE_MODE);
    await disk.rename(temporary, absolute);
  }

  async #directory(disk: Disk, path: string, mode = DIRECTORY_MODE): Promise<void> {
    await this.#ensureDirectory(disk, path);
    if (mode !== DIRECTORY_MODE) await disk.setMode(this.#absolute(path), mode);
  }

  async #symlink(disk: Disk, path: string, target: string): Promise<void> {
    const absolute = this.#absolute(path);
    await this.#ensureDirectory(disk, parentOf(path));
    const temporary = `${absolute}.tmp`;
    await this.#newSymlink(disk, target, temporary);
    await disk.rename(temporary, absolute);
    this.#directories.add(parentOf(path));
  }

  /** One that a crash left behind is replaced. */
  async #newSymlink(disk: Disk, target: string, path: string): Promise<void> {
    try {
      await disk.symlink(target, path);
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== 'EEXIST') throw error;
      await disk.unlink(path);
      await disk.symlink(target, path);
    }
  }

  async #remove(disk: Disk, path: string): Promise<void> {
    await this.#open.closeUnder(path);
    await disk.removeTree(this.#absolute(path));
    for (const known of [this.#knownDirectories, this.#files, this.#directories]) {
      for (const each of known) if (isUnder(each, path)) known.delete(each);
    }
    this.#directories.add(parentOf(path));
  }

  async #ensureDirectory(disk: Disk, path: string): Promise<void> {
    if (this.#knownDirectories.has(path)) return;
    if (this.#knownDirectories.size >= KNOWN_DIRECTORIES_MAX) this.#knownDirectories.clear();
    const missing: string[] = [];
    let each = path;
    for (; each !== '' && !this.#knownDirectories.has(each); each = parentOf(each)) {
      missing.push(each);
    }
    this.#directories.add(each); // The first that was there holds a new name.
    // The outermost first: one call each, and none that fails for want of its parent.
    for (const directory of missing.reverse()) {
      await disk.makeDirectory(this.#absolute(directory));
      this.#knownDirectories.add(directory);
      this.#directories.add(directory);
    }
  }

  async #syncFile(disk: Disk, path: string): Promise<void> {
    await using file = await disk.open(this.#absolute(path), 'read');
    await file.sync();
  }

  async #unlessGone(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== 'ENOENT') throw error;
    }
  }

  #absolute(path: string): string {
    return path === '' ? this.#root : `${this.#root}/${path}`;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function isUnder(path: string, tree: string): boolean {
  return path === tree || path.startsWith(`${tree}/`);
}
