import type { Millis } from '../../clock.ts';
import type { FileKind } from '../../disk.ts';
import { FileContents } from './file-contents.ts';

interface Attributes {
  mode: number;
  uid: number;
  gid: number;
  modifiedAtMs: Millis;
}

/** What has a number on a disk; names point to it. Attributes are durable at once. */
export abstract class Inode implements Attributes {
  abstract readonly kind: FileKind;
  readonly number: number;
  mode: number;
  uid = 0;
  gid = 0;
  modifiedAtMs: Millis;
  /** Names that point here; of a directory, also its own and those of its children. */
  linkCount = 1;

  constructor(number: number, mode: number, modifiedAtMs: Millis) {
    this.number = number;
    this.mode = mode;
    this.modifiedAtMs = modifiedAtMs;
  }
}

export class FileInode extends Inode {
  readonly kind = 'file';
  readonly contents = new FileContents();
  openCount = 0;
}

export class DirectoryInode extends Inode {
  readonly kind = 'directory';
  /** As every process sees it. */
  entries = new Map<string, Inode>();
  /** As a power cut would leave it if nothing unsynced survived. */
  durable = new Map<string, Inode>();
  parent: DirectoryInode | undefined;
}

export class SymlinkInode extends Inode {
  readonly kind = 'symlink';
  readonly target: string;

  constructor(number: number, target: string, modifiedAtMs: Millis) {
    super(number, 0o777, modifiedAtMs);
    this.target = target;
  }
}
