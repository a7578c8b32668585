import type { Disk, FileChange } from '../disk.ts';
import { DiskError } from '../errors.ts';
import { Future, FuturePromise } from '../future.ts';

/** What became of a file. */
export interface WatchEvent {
  readonly path: string;
  readonly change: FileChange;
}

interface Watch {
  readonly path: string;
  /** Undefined while the disk has not answered. */
  watching: Disposable | undefined;
}

/** Files that one watcher may watch. */
export const WATCHED_FILES_MAX = 1_000;

/**
 * Tells when files change. Read a file after `add` and not before, or what happens between is missed.
 * A file that has been removed or renamed, or in whose place another one was put, is not watched any more.
 */
export class Watcher implements Disposable {
  readonly #disk: Disk;
  readonly #watches = new Map<string, Watch>();
  /** What nobody has asked for yet: of each file only the latest, so that it stays small. */
  readonly #changed = new Map<string, FileChange>();
  readonly #waiting = new Set<FuturePromise<WatchEvent>>();
  #closed = false;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /**
   * Ready when it is watched. Fails with `DiskError`: `EEXIST` if it is already, `EISDIR`, `ENOENT` and the
   * like, `EMFILE` above `WATCHED_FILES_MAX`.
   */
  add(path: string): Future<void> {
    if (this.#watches.has(path)) return refused('EEXIST', `'${path}': it is already`);
    if (this.#closed) return refused('EINVAL', `'${path}': the watcher is closed`);
    if (this.#watches.size >= WATCHED_FILES_MAX) {
      return refused('EMFILE', `'${path}': ${WATCHED_FILES_MAX} files are`);
    }
    const watch: Watch = { path, watching: undefined };
    this.#watches.set(path, watch);
    const watching = this.#disk.watch(path, (change) => this.#happened(watch, change));
    return Future.from(
      watching.then(
        (disposable) => {
          watch.watching = disposable;
          // It may have been removed, or have ended, before the disk answered.
          if (this.#watches.get(path) !== watch) disposable[Symbol.dispose]();
        },
        (error: unknown) => {
          if (this.#watches.get(path) === watch) this.#watches.delete(path);
          throw error;
        },
      ),
    );
  }

  /** What has happened and nobody was told of is forgotten. Harmless if it is not watched. */
  remove(path: string): void {
    this.#watches.get(path)?.watching?.[Symbol.dispose]();
    this.#watches.delete(path);
    this.#changed.delete(path);
  }

  /** The next change of any file. Several writes may be told as one. Discarded when it is disposed. */
  next(): Future<WatchEvent> {
    const promise = new FuturePromise<WatchEvent>();
    const [first] = this.#changed;
    if (this.#closed) promise.discard();
    else if (first) {
      const [path, change] = first;
      this.#changed.delete(path);
      promise.set({ path, change });
    } else {
      this.#waiting.add(promise);
      promise.future.onDiscard(() => {
        this.#waiting.delete(promise);
        promise.discard();
      });
    }
    return promise.future;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const path of [...this.#watches.keys()]) this.remove(path);
    for (const promise of this.#waiting) promise.discard();
    this.#waiting.clear();
  }

  #happened(watch: Watch, change: FileChange): void {
    const { path } = watch;
    if (this.#watches.get(path) !== watch) return;
    if (change !== 'write') {
      watch.watching?.[Symbol.dispose]();
      this.#watches.delete(path);
    }
    for (const promise of this.#waiting) {
      this.#waiting.delete(promise);
      if (promise.set({ path, change })) return;
    }
    this.#changed.set(path, change);
  }
}

function refused(code: string, why: string): Future<void> {
  return Future.failed(new DiskError(code, `Failed to watch ${why}`));
}
