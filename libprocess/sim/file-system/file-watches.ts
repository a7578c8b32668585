import type { FileChange } from '../../disk.ts';
import type { Inode } from './inode.ts';

/** Who wants to hear what becomes of which file. */
export class FileWatches {
  readonly #listeners = new Map<Inode, Set<(change: FileChange) => void>>();

  add(inode: Inode, listener: (change: FileChange) => void): Disposable {
    const listeners = this.#listeners.get(inode) ?? new Set();
    this.#listeners.set(inode, listeners);
    listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        listeners.delete(listener);
        if (listeners.size === 0) this.#listeners.delete(inode);
      },
    };
  }

  tell(inode: Inode, change: FileChange): void {
    for (const listener of this.#listeners.get(inode) ?? []) listener(change);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
