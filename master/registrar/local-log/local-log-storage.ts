import { makeDurableDirectory } from '../../../common/durable-directory.ts';
import type { Disk, DiskFile, WritePoints } from '../../../libprocess/disk.ts';
import { DiskError } from '../../../libprocess/errors.ts';
import type { Random } from '../../../libprocess/random.ts';
import {
  outcomeOf,
  StorageUnavailableError,
  type Entry,
  type NewEntry,
  type SetOutcome,
  type Storage,
} from '../storage.ts';
import { diffChunks, type Step } from './chunk-diff.ts';
import { encodeHeader, encodeRecord } from './log-codec.ts';
import { registryPoint } from '../write-points.ts';
import { replayLog, type LoggedValue } from './replay-log.ts';

const LOG_NAME = 'registry.log';
const LOG_MODE = 0o600;
/** The log is written anew once it is this long and four times as long as then. */
const COMPACT_BYTES_MIN = 8 * 1024 * 1024;
const COMPACT_RATIO = 4;

/** Where the log lies, and what reaches it. */
export interface LocalLogOptions {
  readonly disk: Disk;
  readonly random: Random;
  /** The master's work directory, locked as long as the storage is open. */
  readonly directory: string;
  /** How long a log is that is never written anew. Default: 8 MiB. */
  readonly compactBytesMin?: number;
}

/**
 * The registry of a single master, in a log in its work directory: each write appends what changed and
 * syncs it; a log grown long is replaced by one that holds the values alone. Calls take effect one
 * after the other. After a failure nobody knows what the file holds, and every later call fails.
 */
export class LocalLogStorage implements Storage {
  readonly #options: LocalLogOptions;
  readonly #path: string;
  readonly #lock: AsyncDisposable;
  readonly #values: Map<string, LoggedValue>;
  #log: OpenLog | undefined;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    options: LocalLogOptions,
    lock: AsyncDisposable,
    values: ReadonlyMap<string, LoggedValue>,
  ) {
    this.#options = options;
    this.#path = `${options.directory}/${LOG_NAME}`;
    this.#lock = lock;
    this.#values = new Map(values);
  }

  /**
   * Errors: `DirectoryLockedError` if another master has the directory, `StorageDamagedError` if what
   * was stored once cannot be read. A write that a crash cut short, and nobody relies on, is cut off.
   */
  static async open(options: LocalLogOptions): Promise<LocalLogStorage> {
    const { disk, directory } = options;
    const above = disk.at('registry-directory');
    await makeDurableDirectory(above, directory);
    const lock = await above.lockDirectory(directory);
    try {
      const path = `${directory}/${LOG_NAME}`;
      const file = await readIfPresent(disk, path);
      const values = file ? replayLog(path, file).values : new Map<string, LoggedValue>();
      const storage = new LocalLogStorage(options, lock, values);
      await storage.#rewrite();
      return storage;
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  get(name: string): Promise<Entry | undefined> {
    return this.#inTurn(`read '${name}'`, async () => {
      const stored = this.#values.get(name);
      if (!stored) return undefined;
      const { version, epoch, chunks } = stored;
      return { name, version, epoch, value: new Uint8Array(Buffer.concat(chunks)) };
    });
  }

  set(entry: NewEntry, expected: string | undefined): Promise<SetOutcome> {
    return this.#inTurn(`write '${entry.name}'`, async (log) => {
      const { name, version, epoch, chunks, operations = [] } = entry;
      const before = this.#values.get(name);
      const outcome = outcomeOf(before, epoch, expected);
      if (outcome !== 'stored') return outcome;
      const steps = diffChunks(before?.chunks ?? [], chunks);
      await log.append(encodeRecord({ name, version, epoch, steps }, log.salt), () =>
        operations.map(registryPoint),
      );
      this.#values.set(name, { version, epoch, chunks });
      if (log.isLong) await this.#rewrite();
      return outcome;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#log?.close();
    this.#log = undefined;
    await this.#lock[Symbol.asyncDispose]();
  }

  /** One call at a time; none after a failure. */
  #inTurn<T>(what: string, work: (log: OpenLog) => Promise<T>): Promise<T> {
    const call = this.#last.then(async () => {
      if (!this.#log) throw new StorageUnavailableError(what);
      try {
        return await work(this.#log);
      } catch (cause) {
        this.#log = undefined;
        throw new StorageUnavailableError(what, cause);
      }
    });
    this.#last = call.catch(() => undefined);
    return call;
  }

  /** Replaces the log by one that holds the values alone, in one step. */
  async #rewrite(): Promise<void> {
    const { random, directory, compactBytesMin = COMPACT_BYTES_MIN } = this.#options;
    const disk = this.#options.disk.at('registry-rewrite');
    const salt = Math.floor(random.next() * 2 ** 32);
    const records = [...this.#values].map(([name, { version, epoch, chunks }]) => {
      const steps = chunks.map((chunk): Step => ({ kind: 'insert', chunk }));
      return encodeRecord({ name, version, epoch, steps }, salt);
    });
    const bytes = Buffer.concat([encodeHeader(salt), ...records]);
    const temporary = `${this.#path}.tmp`;
    const file = await disk.open(temporary, 'truncate');
    await disk.setMode(temporary, LOG_MODE);
    await file.write(0, bytes);
    await file.sync();
    await disk.rename(temporary, this.#path);
    await disk.syncDirectory(directory);
    await this.#log?.close();
    const longBytes = Math.max(compactBytesMin, COMPACT_RATIO * bytes.length);
    this.#log = new OpenLog(file, salt, { sizeBytes: bytes.length, longBytes });
  }
}

/** The log being appended to. */
class OpenLog {
  readonly salt: number;
  readonly #file: DiskFile;
  readonly #longBytes: number;
  #sizeBytes: number;

  constructor(
    file: DiskFile,
    salt: number,
    { sizeBytes, longBytes }: { readonly sizeBytes: number; readonly longBytes: number },
  ) {
    this.#file = file;
    this.salt = salt;
    this.#sizeBytes = sizeBytes;
    this.#longBytes = longBytes;
  }

  get isLong(): boolean {
    return this.#sizeBytes >= this.#longBytes;
  }

  async append(record: Uint8Array, points: WritePoints): Promise<void> {
    const file = this.#file.at(points);
    await file.write(this.#sizeBytes, record);
    await file.sync();
    this.#sizeBytes += record.length;
  }

  close(): Promise<void> {
    return Promise.resolve(this.#file[Symbol.asyncDispose]());
  }
}

async function readIfPresent(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  try {
    return await disk.readFile(path);
  } catch (error) {
    if (error instanceof DiskError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
