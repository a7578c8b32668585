import type { Disk, DiskFile, WritePoints } from '../../libprocess/disk.ts';
import { DiskError } from '../../libprocess/errors.ts';
import { JournalDamagedError } from './errors.ts';
import { encodeSegmentHeader } from './journal-codec.ts';

/** Where the journal keeps its segments, beneath the meta directory. Mesos ignores the name. */
export const JOURNAL_DIRECTORY = 'journal';

/** Ends the name of a segment whose files are being synced. A sync may fail and take them with it. */
const SYNCING = '.syncing';

export function segmentPath(metaDirectory: string, number: number): string {
  return `${metaDirectory}/${JOURNAL_DIRECTORY}/${number}`;
}

export const syncingPath = (path: string): string =>
  path.endsWith(SYNCING) ? path : `${path}${SYNCING}`;

/** A segment that an agent has left. */
export interface SegmentFile {
  readonly number: number;
  readonly path: string;
  readonly syncing: boolean;
}

/** Oldest first. */
export async function segmentFiles(disk: Disk, metaDirectory: string): Promise<SegmentFile[]> {
  const directory = `${metaDirectory}/${JOURNAL_DIRECTORY}`;
  try {
    const entries = await disk.readDirectory(directory);
    return entries
      .flatMap(({ name }) => {
        const syncing = name.endsWith(SYNCING);
        const number = Number(syncing ? name.slice(0, -SYNCING.length) : name);
        const path = `${directory}/${name}`;
        return Number.isSafeInteger(number) ? [{ number, path, syncing }] : [];
      })
      .sort((a, b) => a.number - b.number);
  } catch (error) {
    if (error instanceof DiskError && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Makes the name of a segment durable, and that of the journal's directory. */
export async function syncName(disk: Disk, path: string): Promise<void> {
  const directory = parentOf(path);
  await disk.syncDirectory(directory);
  await disk.syncDirectory(parentOf(directory));
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** One open file of the journal; owned by whoever created it. */
export class Segment {
  readonly path: string;
  readonly salt: number;
  readonly #file: DiskFile;
  #sizeBytes: number;

  private constructor(path: string, file: DiskFile, header: { salt: number; sizeBytes: number }) {
    this.path = path;
    this.salt = header.salt;
    this.#file = file;
    this.#sizeBytes = header.sizeBytes;
  }

  /** Creates the file, durable with its header and its name; on failure nothing of it stays. */
  static async create(disk: Disk, path: string, salt: number): Promise<Segment> {
    await disk.makeDirectory(parentOf(path));
    const file = await disk.open(path, 'exclusive');
    const header = encodeSegmentHeader(salt);
    try {
      await disk.setMode(path, 0o600); // It holds what the files of the layout hold.
      await file.write(0, header);
      await file.sync();
      await syncName(disk, path);
    } catch (error) {
      await file[Symbol.asyncDispose]();
      await disk.unlink(path);
      throw error;
    }
    return new Segment(path, file, { salt, sizeBytes: header.length });
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Appends `commit`, made at `points`; not durable before `sync`. */
  async write(commit: Uint8Array, points: WritePoints): Promise<void> {
    await this.#file.at(points).write(this.#sizeBytes, commit);
    this.#sizeBytes += commit.length;
  }

  async sync(points: WritePoints): Promise<void> {
    await this.#file.at(points).sync();
  }

  /** After a failed write: what there was of it is gone, durably. */
  async cutUnfinished(): Promise<void> {
    try {
      await this.#file.truncate(this.#sizeBytes);
      await this.#file.sync();
    } catch (cause) {
      throw new JournalDamagedError(this.path, 'an unfinished write could not be cut', cause);
    }
  }

  async close(): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}
