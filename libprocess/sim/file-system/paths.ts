import { FileSystemError } from './errors.ts';
import { DirectoryInode, type Inode, SymlinkInode } from './inode.ts';

/** Where a path leads: the directory that holds its last name, and what is there, if anything. */
export interface Located {
  readonly directory: DirectoryInode;
  readonly name: string;
  readonly inode: Inode | undefined;
}

interface Options {
  /** Whether a symbolic link in the last place is followed. */
  readonly follow: boolean;
}

/** Symbolic links followed on one path, as on Linux. */
const LINKS_MAX = 40;
/** Paths whose names are known. */
const PATHS_MAX = 4_096;

/** The paths of one file system. The same few are asked for again and again, and are split once. */
export class Paths {
  readonly #root: DirectoryInode;
  readonly #names = new Map<string, readonly string[]>();

  constructor(root: DirectoryInode) {
    this.#root = root;
  }

  /** Finds what an absolute path names; all but its last name must exist. */
  locate(path: string, { follow }: Options): Located {
    if (!path.startsWith('/')) throw new FileSystemError('EINVAL');
    const root = this.#root;
    let pending = this.#namesOf(path);
    let next = 0;
    let directory = root;
    let links = 0;
    if (pending.length === 0) return { directory: root, name: '.', inode: root };
    for (;;) {
      const name = pending[next++] ?? '.';
      const last = next === pending.length;
      const inode = step(directory, name);
      if (inode instanceof SymlinkInode && (follow || !last)) {
        links += 1;
        if (links > LINKS_MAX) throw new FileSystemError('ELOOP');
        if (inode.target.startsWith('/')) directory = root;
        pending = [...namesOf(inode.target), ...pending.slice(next)];
        next = 0;
        if (pending.length === 0) return { directory, name: '.', inode: directory };
      } else if (last) {
        return { directory, name, inode };
      } else if (inode instanceof DirectoryInode) {
        directory = inode;
      } else {
        throw new FileSystemError(inode ? 'ENOTDIR' : 'ENOENT');
      }
    }
  }

  /** What a path names; ENOENT if nothing. */
  lookup(path: string, { follow }: Options = { follow: true }): Inode {
    const { inode } = this.locate(path, { follow });
    if (!inode) throw new FileSystemError('ENOENT');
    return inode;
  }

  #namesOf(path: string): readonly string[] {
    const known = this.#names.get(path);
    if (known) return known;
    if (this.#names.size === PATHS_MAX) this.#names.clear();
    const names = namesOf(path);
    this.#names.set(path, names);
    return names;
  }
}

function step(directory: DirectoryInode, name: string): Inode | undefined {
  if (name === '.') return directory;
  if (name === '..') return directory.parent ?? directory;
  return directory.entries.get(name);
}

function namesOf(path: string): readonly string[] {
  const names: string[] = [];
  for (let begin = 0; begin < path.length;) {
    const slash = path.indexOf('/', begin);
    const end = slash < 0 ? path.length : slash;
    const name = path.slice(begin, end);
    if (name !== '' && name !== '.') names.push(name);
    begin = end + 1;
  }
  return names;
}
