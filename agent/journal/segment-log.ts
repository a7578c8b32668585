import type { Millis } from '../../libprocess/clock.ts';
import type { Runtime } from '../../libprocess/runtime.ts';
import type { LayoutWriter } from './layout-writer.ts';
import { JOURNAL_DIRECTORY, Segment, segmentPath } from './segment.ts';

const SEGMENT_BYTES_MAX = 32 * 1024 * 1024;
const SEGMENT_AGE_MS_MAX: Millis = 10_000;
/** Sealed segments that wait for their files to be synced; beyond it new ones wait for them. */
const SEALED_MAX = 4;
/** Few, so that commits are not kept waiting by them. */
const BACKGROUND_SYNCS_MAX = 2;

export interface SegmentLogOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'disk' | 'random'>;
  readonly metaDirectory: string;
  readonly layout: LayoutWriter;
  /** What a sealed segment holds could not be made durable elsewhere. */
  readonly onFatal: (error: unknown) => void;
  /** The current segment has become old enough to be sealed. */
  readonly onAged: () => void;
}

/** The segments of a journal: the one that grows, and those whose files are being synced. */
export class SegmentLog {
  readonly #options: SegmentLogOptions;
  #current: Segment | undefined;
  #number = 0;
  #ageTimer: Disposable | undefined;
  #aged = false;
  #sealed = 0;
  #retired: Promise<void> = Promise.resolve();

  constructor(options: SegmentLogOptions) {
    this.#options = options;
  }

  /** The one to write to; made if there is none. Only one call at a time. */
  async current(): Promise<Segment> {
    if (this.#current) return this.#current;
    if (this.#sealed >= SEALED_MAX) await this.#retired;
    const { clock, disk, random } = this.#options.runtime;
    const salt = Math.floor(random.next() * 2 ** 32);
    const path = segmentPath(this.#options.metaDirectory, this.#number + 1);
    this.#current = await Segment.create(disk, path, salt);
    this.#number += 1;
    this.#ageTimer = clock.timer(SEGMENT_AGE_MS_MAX, () => {
      this.#aged = true;
      this.#options.onAged();
    });
    return this.#current;
  }

  /** Large or old enough. */
  get mustSeal(): boolean {
    const sizeBytes = this.#current?.sizeBytes ?? 0;
    return this.#current !== undefined && (this.#aged || sizeBytes >= SEGMENT_BYTES_MAX);
  }

  /** Ends the current segment, all of which has been applied, and retires it in the background. */
  seal(): void {
    const segment = this.#current;
    if (!segment) return;
    this.#ageTimer?.[Symbol.dispose]();
    this.#aged = false;
    this.#current = undefined;
    this.#sealed += 1;
    const { layout, onFatal } = this.#options;
    const unsynced = layout.takeUnsynced();
    // One after the other: an older segment replayed without a newer one would undo it.
    this.#retired = this.#retired
      .then(() => layout.sync(unsynced, BACKGROUND_SYNCS_MAX))
      .then(() => this.#remove(segment));
    this.#retired.catch(onFatal);
  }

  /** Seals and waits until nothing of the journal is left. */
  async close(): Promise<void> {
    this.seal();
    await this.#retired;
    const { disk } = this.#options.runtime;
    if (this.#number === 0) return;
    await disk.removeTree(`${this.#options.metaDirectory}/${JOURNAL_DIRECTORY}`);
    await disk.syncDirectory(this.#options.metaDirectory);
  }

  /** Leaves the files to the next recovery. */
  async abandon(): Promise<void> {
    this.#ageTimer?.[Symbol.dispose]();
    await this.#current?.close();
    this.#current = undefined;
  }

  async #remove(segment: Segment): Promise<void> {
    const { disk } = this.#options.runtime;
    await segment.close();
    await disk.unlink(segment.path);
    await disk.syncDirectory(segment.path.slice(0, segment.path.lastIndexOf('/')));
    this.#sealed -= 1;
  }
}
