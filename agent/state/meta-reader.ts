import { MesosError } from '../../common/errors.ts';
import type { Disk, FileKind } from '../../libprocess/disk.ts';
import { DiskError } from '../../libprocess/errors.ts';
import type { MessageType } from '../../libprocess/message.ts';
import { DamagedRecordError, decodeRecord, decodeRecords, type DecodedRecords } from './records.ts';

/** A checkpoint that recovery needs cannot be read. */
export class DamagedCheckpointError extends MesosError {
  constructor(path: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super('MESOS_DAMAGED_CHECKPOINT', `Checkpoint '${path}' is damaged: ${why}`, cause);
  }
}

/** Reads files of the meta directory. What is absent is undefined; what is damaged is an error or counted. */
export class MetaReader {
  readonly errors: string[] = [];
  readonly #disk: Disk;
  readonly #root: string;
  readonly #strict: boolean;

  constructor(disk: Disk, root: string, strict: boolean) {
    this.#disk = disk;
    this.#root = root;
    this.#strict = strict;
  }

  async text(path: string): Promise<string | undefined> {
    const bytes = await this.bytes(path);
    return bytes && new TextDecoder().decode(bytes).trim();
  }

  /** An empty file is an absent one: a crash came between its creation and its contents. */
  async record<M>(type: MessageType<M>, path: string): Promise<M | undefined> {
    const bytes = await this.bytes(path);
    if (!bytes || bytes.length === 0) return undefined;
    return this.#decode(path, () => decodeRecord(type, bytes));
  }

  async records<M>(type: MessageType<M>, path: string): Promise<DecodedRecords<M>> {
    const none: DecodedRecords<M> = { records: [], wholeBytes: 0 };
    const bytes = await this.bytes(path);
    return (bytes && this.#decode(path, () => decodeRecords(type, bytes))) ?? none;
  }

  /** The last part of what a link points to. */
  async linkName(path: string): Promise<string | undefined> {
    const target = await this.#optional(path, (absolute) => this.#disk.readLink(absolute));
    return target?.slice(target.lastIndexOf('/') + 1);
  }

  /** Names in a directory, in order; none if it is absent. */
  async names(path: string, kind: FileKind): Promise<readonly string[]> {
    const entries = await this.#optional(path, (absolute) => this.#disk.readDirectory(absolute));
    const names = (entries ?? []).filter((entry) => entry.kind === kind).map(({ name }) => name);
    return names.sort();
  }

  bytes(path: string): Promise<Uint8Array | undefined> {
    return this.#optional(path, (absolute) => this.#disk.readFile(absolute));
  }

  async #optional<T>(path: string, read: (absolute: string) => Promise<T>): Promise<T | undefined> {
    try {
      return await read(`${this.#root}/${path}`);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      this.#damaged(path, error);
      return undefined;
    }
  }

  #decode<T>(path: string, decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof DamagedRecordError)) throw error;
      this.#damaged(path, error);
      return undefined;
    }
  }

  #damaged(path: string, cause: unknown): void {
    const error = new DamagedCheckpointError(`${this.#root}/${path}`, cause);
    if (this.#strict) throw error;
    this.errors.push(error.message);
  }
}
