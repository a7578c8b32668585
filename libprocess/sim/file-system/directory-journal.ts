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
  #operations: Operation[] = [];

  /** Changes names for every process to see; durable later, if ever. */
  apply(operation: Operation): void {
    for (const { directory, name, inode } of operation) set(directory.entries, name, inode);
    this.#operations.push(operation);
  }

  /** Makes everything durable that touches `directory`. */
  sync(directory: DirectoryInode): void {
    this.#operations = this.#operations.filter((operation) => {
      if (!operation.some((change) => change.directory === directory)) return true;
      persist(operation);
      return false;
    });
  }

  crash(survival: Survival): void {
    const operations = this.#operations;
    this.#operations = [];
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
