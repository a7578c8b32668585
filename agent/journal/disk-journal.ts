import type { Millis } from '../../libprocess/clock.ts';
import type { Runtime } from '../../libprocess/runtime.ts';
import type { Change } from './change.ts';
import { isFull, JournalClosedError, JournalFullError } from './errors.ts';
import { CommitEncoder, type AppliedMark } from './journal-codec.ts';
import type { Journal, JournalOp, Lsn, WhenFull } from './journal.ts';
import { LayoutWriter } from './layout-writer.ts';
import type { RecoveredJournal } from './recover-journal.ts';
import type { Segment } from './segment.ts';
import { SegmentLog } from './segment-log.ts';
import { Waiters } from './waiters.ts';
import type { WritePoint } from './write-point.ts';

/** How long a full disk is left alone before what waits for room is tried again. */
const FULL_RETRY_MS: Millis = 1_000;
/** What may wait for room in memory; beyond it the journal gives up. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;

export interface DiskJournalOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'disk' | 'host' | 'random' | 'schedule' | 'logger'>;
  readonly metaDirectory: string;
  /** What was found there. Without it the journal fails where segments of another remain. */
  readonly recovered?: Pick<RecoveredJournal, 'segments' | 'layout'>;
  /** Nothing becomes durable any more: the agent ends, and its tasks live on. Called at most once. */
  readonly onFatal: (error: unknown) => void;
}

interface Appended extends Change {
  readonly lsn: Lsn;
  readonly refusable: boolean;
}

/**
 * The journal of a checkpointing agent.
 *
 * ```
 * append ─► buffered ─► segment + fdatasync ─► thunks
 *              ▲   no room │            └─► plain files, unsynced (all that has gathered, joined)
 *              └── held ───┴──► refused
 * ```
 *
 * A sealed segment is removed when the files it dirtied have been synced, in the background, and those
 * that a former agent left before it.
 */
export class DiskJournal implements Journal {
  readonly #options: DiskJournalOptions;
  readonly #layout: LayoutWriter;
  readonly #log: SegmentLog;
  readonly #encoder = new CommitEncoder();
  readonly #waiters = new Waiters();
  readonly #flushes = new Set<(error: unknown) => void>();
  #buffered: Appended[] = [];
  #appended: Lsn = 0;
  /** All up to here is durable, or was refused. */
  #released: Lsn = 0;
  /** Committed, and to be carried out on the plain files: at most one segment, which waits for that. */
  #unapplied: Change[] = [];
  #applying: Promise<void> | undefined;
  /** Commits in `#segment`: written, carried out, and known from its last mark to be. */
  #segment: Segment | undefined;
  #written = 0;
  #applied = 0;
  #marked: number | undefined;
  #running: Promise<void> | undefined;
  #waitingForRoom: Disposable | undefined;
  #state: 'open' | 'closing' | 'ended' = 'open';

  constructor(options: DiskJournalOptions) {
    const { runtime, metaDirectory, recovered } = options;
    this.#options = options;
    this.#layout = recovered?.layout ?? new LayoutWriter(runtime.disk, metaDirectory);
    this.#log = new SegmentLog({
      runtime,
      metaDirectory,
      layout: this.#layout,
      earlier: recovered?.segments ?? [],
      onFatal: (error) => this.#fail(error),
      onAged: () => this.#kick(),
    });
  }

  append(op: JournalOp, point: WritePoint, whenFull: WhenFull = 'hold'): Lsn {
    this.#appended += 1;
    if (this.#state !== 'open') return this.#appended; // Never durable, and nothing waits for it.
    this.#buffered.push({ lsn: this.#appended, op, point, refusable: whenFull === 'refuse' });
    if (!this.#waitingForRoom) this.#kick();
    return this.#appended;
  }

  after(lsn: Lsn, thunk: () => void, refused?: () => void): void {
    if (lsn <= this.#released) thunk();
    else if (this.#state !== 'ended') this.#waiters.add({ lsn, thunk, refused });
  }

  flush(): Promise<void> {
    if (this.#state === 'ended') return Promise.reject(new JournalClosedError());
    return new Promise((resolve, reject) => {
      this.#flushes.add(reject);
      const thunk = (): void => {
        this.#flushes.delete(reject);
        resolve();
      };
      if (this.#appended <= this.#released) thunk();
      else this.#waiters.add({ lsn: this.#appended, thunk, refused: 'runs thunk' });
    });
  }

  async close(): Promise<void> {
    if (this.#state !== 'open') return;
    const flushed = this.flush();
    this.#state = 'closing';
    if (this.#waitingForRoom) this.#retry();
    try {
      await flushed;
      await this.#running;
      await this.#applying;
      if (this.#unapplied.length > 0) throw new JournalFullError(sizeOf(this.#unapplied));
      await this.#log.close();
    } catch (error) {
      await this.#log.abandon(); // The next start recovers what is durable.
      throw error;
    } finally {
      this.#end(new JournalClosedError());
      await this.#layout.close();
    }
  }

  /** Commits in the next turn, unless that is under way. */
  #kick(): void {
    if (this.#running || this.#state === 'ended') return;
    const turn = new Promise<void>((resolve) => this.#options.runtime.schedule(resolve));
    this.#running = turn
      .then(() => this.#run())
      .catch((error: unknown) => this.#fail(error))
      .then(() => {
        this.#running = undefined;
        const more = this.#buffered.length > 0 || this.#log.mustSeal;
        if (more && !this.#waitingForRoom) this.#kick();
      });
  }

  async #run(): Promise<void> {
    while (this.#state !== 'ended' && !this.#waitingForRoom) {
      if (this.#buffered.length > 0) await this.#commit();
      else if (!this.#log.mustSeal) break;
      if (this.#log.mustSeal) await this.#seal();
    }
    if (!this.#waitingForRoom) this.#apply();
  }

  async #commit(): Promise<void> {
    const records = this.#buffered;
    const last = this.#appended; // All that is neither in here nor in an earlier one was refused.
    this.#buffered = [];
    try {
      await this.#write(records);
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#noRoom(records);
      return;
    }
    this.#written += 1; // In one go: a mark must never count what is not among these.
    for (const record of records) this.#unapplied.push(record);
    this.#release(last);
    this.#apply();
  }

  #release(last: Lsn): void {
    if (this.#state === 'ended') return;
    this.#released = last;
    this.#waiters.release(last);
  }

  async #write(records: readonly Change[]): Promise<void> {
    const segment = await this.#log.current();
    if (segment !== this.#segment) {
      this.#segment = segment;
      this.#written = this.#applied = 0;
      this.#marked = undefined;
    }
    const ops = records.map(({ op }) => op);
    const points = (): Iterable<string> => records.map(({ point }) => point);
    const applied = this.#applied;
    const logged = applied === this.#marked ? ops : [this.#mark(), ...ops];
    try {
      await segment.write(this.#encoder.encode(logged, segment.salt), points);
    } catch (error) {
      await segment.cutUnfinished();
      throw error;
    }
    await segment.sync(points);
    this.#marked = applied;
  }

  /** Earlier segments were carried out before this one was begun. */
  #mark(): AppliedMark {
    const { bootId } = this.#options.runtime.host;
    return { kind: 'applied', path: bootId, commits: this.#applied };
  }

  /** Carries out what there is, and what comes meanwhile, unless that is under way. */
  #apply(): void {
    this.#applying ??= this.#applyAll()
      .catch((error: unknown) => this.#fail(error))
      .then(() => {
        this.#applying = undefined;
      });
  }

  async #applyAll(): Promise<void> {
    while (this.#unapplied.length > 0 && this.#state !== 'ended') {
      const changes = this.#unapplied;
      const written = this.#written;
      this.#unapplied = [];
      try {
        await this.#layout.apply(changes);
        this.#applied = written;
      } catch (error) {
        if (!isFull(error)) throw error;
        // Durable in the segment, which stays until there is room for the plain files.
        this.#unapplied = [...changes, ...this.#unapplied];
        this.#waitForRoom(sizeOf(this.#unapplied));
        return;
      }
    }
  }

  async #seal(): Promise<void> {
    this.#apply();
    await this.#applying;
    if (this.#unapplied.length === 0 && this.#state !== 'ended') this.#log.seal();
  }

  /** Keeps what must not be lost, in order, and refuses the rest before anything is appended to it. */
  #noRoom(records: readonly Appended[]): void {
    const all = [...records, ...this.#buffered];
    const refused = new Set(all.filter((record) => record.refusable).map((record) => record.lsn));
    this.#buffered = all.filter((record) => !record.refusable);
    // Without what was refused the rest may fit.
    if (refused.size === 0) this.#waitForRoom(sizeOf(this.#buffered));
    this.#waiters.refuse(refused);
    if (this.#buffered.length === 0) this.#release(this.#appended);
  }

  #waitForRoom(heldBytes: number): void {
    const { clock, logger } = this.#options.runtime;
    if (heldBytes > HELD_BYTES_MAX || this.#state === 'closing') {
      this.#fail(new JournalFullError(heldBytes));
      return;
    }
    if (this.#waitingForRoom) return;
    logger.warn('disk is full, checkpoints wait', { heldBytes });
    this.#waitingForRoom = clock.timer(FULL_RETRY_MS, () => this.#retry());
  }

  #retry(): void {
    this.#waitingForRoom?.[Symbol.dispose]();
    this.#waitingForRoom = undefined;
    this.#kick();
  }

  #fail(error: unknown): void {
    if (this.#state === 'ended') return;
    this.#options.runtime.logger.error('checkpoint journal failed', { error });
    this.#end(error);
    this.#options.onFatal(error);
  }

  #end(error: unknown): void {
    this.#state = 'ended';
    this.#waitingForRoom?.[Symbol.dispose]();
    for (const reject of this.#flushes) reject(error);
    this.#flushes.clear();
  }
}

function sizeOf(changes: readonly Change[]): number {
  let bytes = 0;
  for (const { op } of changes)
    if (op.kind === 'put' || op.kind === 'append') bytes += op.bytes.length;
  return bytes;
}
