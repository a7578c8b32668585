import type { Millis } from '../../libprocess/clock.ts';
import type { Runtime } from '../../libprocess/runtime.ts';
import type { LayoutWriter } from './layout-writer.ts';
import {
  JOURNAL_DIRECTORY,
  Segment,
  segmentPath,
  syncingPath,
  type SegmentFile,
} from './segment.ts';

const SEGMENT_BYTES_MAX = 32 * 1024 * 1024;
const SEGMENT_AGE_MS_MAX: Millis = 10_000;
/** Sealed segments that wait for their files to be synced; beyond it new ones wait for them. */
const SEALED_MAX = 4;
/** Segments that former agents may have left before it is time to be rid of them at once. */
const EARLIER_MAX = 8;
/** Few, so that commits are not kept waiting by them. */
const BACKGROUND_SYNCS_MAX = 2;

export interface SegmentLogOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'disk' | 'random'>;
  readonly metaDirectory: string;
  readonly layout: LayoutWriter;
  /** Segments that were replayed and whose files are not synced, oldest first. */
  readonly earlier: readonly SegmentFile[];
  /** What a sealed segment holds could not be made durable elsewhere. */
  readonly onFatal: (error: unknown) => void;
  /** The current segment has become old enough to be sealed. */
  readonly onAged: () => void;
}

/** The segments of a journal: the one that grows, and those whose files are being synced. */
export class SegmentLog {
  readonly #options: SegmentLogOptions;
  #current: Segment | undefined;
  /** Paths of those that a former agent left; retired with the first of our own. */
  #earlier: readonly string[];
  #number: number;
  #ageTimer: Disposable | undefined;
  #aged = false;
  #sealed = 0;
  #retired: Promise<void> = Promise.resolve();

  constructor(options: SegmentLogOptions) {
    this.#options = options;
    const { earlier } = options;
    this.#number = earlier.at(-1)?.number ?? 0;
    this.#earlier = earlier.map(({ path }) => path);
  }

  /** The one to write to; made if there is none. Only one call at a time. */
  async current(): Promise<Segment> {
    if (this.#current) return this.#current;
    if (this.#sealed >= SEALED_MAX) await this.#retired;
    const { clock, disk, random } = this.#options.runtime;
    const salt = Math.floor(random.next() * 2 ** 32);
    const path = segmentPath(this.#options.metaDirectory, this.#number + 1);
    this.#current = await Segment.create(disk.at('journal-segment'), path, salt);
    this.#number += 1;
    this.#ageTimer = clock.timer(SEGMENT_AGE_MS_MAX, () => {
      this.#aged = true;
      this.#options.onAged();
    });
    return this.#current;
  }

  /** Large or old enough. */
  get mustSeal(): boolean {
    if (!this.#current) return false;
    const full = this.#current.sizeBytes >= SEGMENT_BYTES_MAX;
    return this.#aged || full || this.#earlier.length > EARLIER_MAX;
  }

  /** Ends the current segment, all of which has been applied, and retires it in the background. */
  seal(): void {
    const segment = this.#current;
    const earlier = this.#earlier;
    if (!segment && earlier.length === 0) return;
    this.#earlier = [];
    this.#ageTimer?.[Symbol.dispose]();
    this.#aged = false;
    this.#current = undefined;
    this.#sealed += 1;
    const { layout, onFatal } = this.#options;
    const unsynced = layout.takeUnsynced();
    // One after the other: an older segment replayed without a newer one would undo it.
    const paths = segment ? [...earlier, segment.path] : earlier;
    this.#retired = this.#retired
      .then(() => segment?.close())
      .then(() => this.#retire(paths, () => layout.sync(unsynced, BACKGROUND_SYNCS_MAX)));
    this.#retired.catch(onFatal);
  }

  /** The last is there until all files are synced, under a name that says that syncs have begun. */
  async #retire(paths: readonly string[], sync: () => Promise<void>): Promise<void> {
    const { runtime, metaDirectory } = this.#options;
    const disk = runtime.disk.at('journal-retirement');
    const last = paths.at(-1) ?? '';
    const syncing = syncingPath(last);
    if (syncing !== last) await disk.rename(last, syncing);
    await sync();
    // The oldest first, each durably.
    for (const path of [...paths.slice(0, -1), syncing]) {
      await disk.unlink(path);
      await disk.syncDirectory(`${metaDirectory}/${JOURNAL_DIRECTORY}`);
    }
    this.#sealed -= 1;
  }

  /** Seals and waits until nothing of the journal is left. */
  async close(): Promise<void> {
    this.seal();
    await this.#retired;
    const disk = this.#options.runtime.disk.at('journal-retirement');
    // Also an empty one, of a stop that was cut short.
    await disk.removeTree(`${this.#options.metaDirectory}/${JOURNAL_DIRECTORY}`);
    if (this.#number === 0) return;
    await disk.syncDirectory(this.#options.metaDirectory);
  }

  /** Leaves the files to the next recovery. */
  async abandon(): Promise<void> {
    this.#ageTimer?.[Symbol.dispose]();
    await this.#current?.close();
    this.#current = undefined;
  }
}
