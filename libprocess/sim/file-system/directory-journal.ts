import type { DirectoryInode, Inode } from './inode.ts';
import type { Survival } from './survival.ts';

/** One entry set or removed; a rename is several of them that happen together or not at all. */
interface EntryChange {
  readonly directory: DirectoryInode;
  readonly name: string;
  /** Undefined: removed. */
  readonly inode: Inode | undefined;
}

type Operation = readonly EntryChange[];

/**
 * The changes of names that no `syncDirectory` has made durable yet, in order. A power cut keeps
 * some: a prefix in each directory, as a journalling file system would, or any of them.
 */
export class DirectoryJournal {
  #operations = new Set<Operation>();
  /** The same ones, by what they touch. */
  readonly #touching = new Map<DirectoryInode, Set<Operation>>();

  /** Changes names for every process to see; durable later, if ever. */
  apply(operation: Operation): void {
    this.#operations.add(operation);
    for (const { directory, name, inode } of operation) {
      set(directory.entries, name, inode);
      const touching = this.#touching.get(directory);
      if (touching) touching.add(operation);
      else this.#touching.set(directory, new Set([operation]));
    }
  }

  /** Makes everything durable that touches `directory`. */
  sync(directory: DirectoryInode): void {
    for (const operation of this.#touching.get(directory) ?? []) {
      persist(operation);
      this.#operations.delete(operation);
      for (const { directory: other } of operation) {
        if (other !== directory) this.#touching.get(other)?.delete(operation);
      }
    }
    this.#touching.delete(directory);
  }

  crash(survival: Survival): void {
    const operations = this.#operations;
    this.#operations = new Set();
    this.#touching.clear();
    const ordered = survival.ordered();
    const cut = new Set<DirectoryInode>();
    for (const operation of operations) {
      const directories = operation.map(({ directory }) => directory);
      const lost = !survival.name() || (ordered && directories.some((d) => cut.has(d)));
      if (!lost) persist(operation);
      else for (const directory of directories) cut.add(directory);
    }
  }
}

function persist(operation: Operation): void {
  for (const { directory, name, inode } of operation) set(directory.durable, name, inode);
}

function set(entries: Map<string, Inode>, name: string, inode: Inode | undefined): void {
  if (inode) entries.set(name, inode);
  else entries.delete(name);
}
