import { RecentSet } from '../../libprocess/collections/recent-set.ts';
import { uuidText } from '../../common/uuid-text.ts';
import type { Millis } from '../../libprocess/clock.ts';
import { Process } from '../../libprocess/process.ts';
import { StatusUpdateRecord, type StatusUpdate } from '../../proto/index.ts';
import type { Journal } from '../journal/journal.ts';
import { taskUpdatesPath, type TaskKey } from '../state/paths.ts';
import { encodeRecord } from '../state/records.ts';
import { StatusUpdateStream, type Effect, type Input } from './status-update-stream.ts';

/** More than the executors of one agent can still repeat. */
const ENDED_MAX = 16_384;

export interface StatusUpdateManagerOptions {
  readonly journal: Journal;
  /** Each is called in a turn of the manager: the agent passes a `defer`. */
  readonly listener: StatusUpdateListener;
}

export interface StatusUpdateListener {
  /** Send it to the master. Its `latest_state` is set. */
  forward(update: StatusUpdate): void;
  /** It is safe here: tell the executor so. */
  accepted(update: StatusUpdate): void;
  /** The framework has it. With `ended`, the terminal one: the task is complete. */
  acknowledged(update: StatusUpdate, ended: boolean): void;
}

export interface Acknowledgement {
  readonly frameworkId: string;
  readonly taskId: string;
  readonly uuid: Uint8Array;
}

/** A stream as a recovered agent knows it. */
export interface RecoveredStream {
  readonly key: TaskKey;
  readonly records: readonly StatusUpdateRecord[];
  /** Where the whole records of its file end. */
  readonly recordsBytes: number;
}

interface Entry {
  readonly stream: StatusUpdateStream;
  readonly frameworkId: string;
  readonly taskId: string;
  /** Absent for frameworks that do not checkpoint. */
  readonly path: string | undefined;
  sizeBytes: number;
  /** When the head is sent again. */
  dueAtMs: Millis;
  /** Fires then at the latest. */
  timer: RetryTimer | undefined;
}

interface RetryTimer extends Disposable {
  readonly atMs: Millis;
}

/**
 * The shell around the streams, one for each task of each framework: makes their records durable and
 * keeps their time. Begins paused: nothing is sent until `resume`, when the master knows the agent.
 */
export class StatusUpdateManagerProcess extends Process {
  readonly #options: StatusUpdateManagerOptions;
  readonly #frameworks = new Map<string, Map<string, Entry>>();
  /** Updates of streams that are over: an executor may repeat one until it hears of it. */
  readonly #ended = new RecentSet<string>(ENDED_MAX);
  #durable: Entry[] = [];
  #paused = true;

  constructor(options: StatusUpdateManagerOptions) {
    super('task-status-update-manager');
    this.#options = options;
  }

  /** Takes an update of a task; `key` says where it is checkpointed, if its framework does so. */
  update(update: StatusUpdate, key?: TaskKey): void {
    if (update.uuid && this.#ended.has(uuidText(update.uuid))) {
      this.#options.listener.accepted(update); // Its stream is over; the executor has not heard.
      return;
    }
    this.#apply(this.#entryOf(update, key), { kind: 'update', update });
  }

  acknowledgement({ frameworkId, taskId, uuid }: Acknowledgement): void {
    const entry = this.#frameworks.get(frameworkId)?.get(taskId);
    if (entry) this.#apply(entry, { kind: 'acknowledgement', uuid });
    else this.#logIgnored('acknowledgement of an unknown task', frameworkId, taskId);
  }

  /** The master is gone: sends nothing until `resume`. */
  pause(): void {
    this.#paused = true;
  }

  /** The master knows the agent again: sends the head of each stream at once. */
  resume(): void {
    this.#paused = false;
    for (const frameworkId of this.#frameworks.keys()) this.resendFramework(frameworkId);
  }

  /** The scheduler may have failed over: sends the heads of its streams at once. */
  resendFramework(frameworkId: string): void {
    if (this.#paused) return;
    const entries = this.#frameworks.get(frameworkId)?.values() ?? [];
    for (const entry of entries) this.#apply(entry, { kind: 'resend' });
  }

  /** Forgets all streams of a framework: it is gone for good. */
  removeFramework(frameworkId: string): void {
    for (const entry of this.#frameworks.get(frameworkId)?.values() ?? []) this.#remove(entry);
  }

  /** Takes over the streams that an agent before this one has checkpointed. */
  recover(streams: readonly RecoveredStream[]): void {
    for (const { key, records, recordsBytes } of streams) {
      const stream = StatusUpdateStream.recover(records);
      if (stream.ended) this.#noteEnded(stream);
      else if (stream.pendingCount > 0 || records.length > 0) {
        const { frameworkId, taskId } = key;
        const path = taskUpdatesPath(key);
        this.#add({ stream, frameworkId, taskId, path, sizeBytes: recordsBytes });
      }
    }
  }

  #noteEnded({ uuids }: StatusUpdateStream): void {
    for (const uuid of uuids) this.#ended.add(uuid);
  }

  #apply(entry: Entry, input: Input): void {
    for (const effect of entry.stream.apply(input)) this.#perform(entry, effect);
  }

  #perform(entry: Entry, effect: Effect): void {
    const { listener } = this.#options;
    switch (effect.kind) {
      case 'checkpoint':
        this.#checkpoint(entry, effect.record);
        break;
      case 'accepted':
        listener.accepted(effect.update);
        break;
      case 'forward':
        this.#forward(entry, effect.update, effect.retryAfterMs);
        break;
      case 'acknowledged':
        if (effect.ended) {
          this.#noteEnded(entry.stream);
          this.#remove(entry);
        }
        listener.acknowledged(effect.update, effect.ended);
        break;
      case 'ignored':
        this.#logIgnored(effect.reason, entry.frameworkId, entry.taskId);
        break;
    }
  }

  #checkpoint(entry: Entry, record: StatusUpdateRecord): void {
    const { journal } = this.#options;
    if (entry.path === undefined) {
      this.#stored(entry);
      return;
    }
    const bytes = encodeRecord(StatusUpdateRecord, record);
    const { path, sizeBytes: offset } = entry;
    const point = record.type === 'UPDATE' ? 'update-record' : 'ack-record';
    const lsn = journal.append({ kind: 'append', path, offset, bytes }, point);
    entry.sizeBytes += bytes.length;
    journal.after(lsn, () => this.#noteDurable(entry));
  }

  /** One turn for all that one commit made durable. */
  #noteDurable(entry: Entry): void {
    this.#durable.push(entry);
    if (this.#durable.length === 1) this.#continue();
  }

  readonly #continue = this.defer(() => {
    const durable = this.#durable;
    this.#durable = [];
    for (const entry of durable) this.#stored(entry);
  });

  #stored(entry: Entry): void {
    // Unless its framework was removed meanwhile.
    if (this.#isCurrent(entry)) this.#apply(entry, { kind: 'stored' });
  }

  #forward(entry: Entry, update: StatusUpdate, retryAfterMs: Millis): void {
    if (this.#paused) return; // `resume` sends it.
    entry.dueAtMs = this.runtime.clock.monotonic() + retryAfterMs;
    if (entry.timer && entry.timer.atMs > entry.dueAtMs) this.#disposeTimer(entry);
    entry.timer ??= this.#retryTimer(entry, retryAfterMs);
    this.#options.listener.forward(update);
  }

  /** At most one for each stream: it is not worth setting one for every update. */
  #retryTimer(entry: Entry, delayMs: Millis): RetryTimer {
    const atMs = this.runtime.clock.monotonic() + delayMs;
    const timer = this.delay(delayMs, () => {
      entry.timer = undefined;
      if (entry.stream.pendingCount === 0 || this.#paused) return;
      const leftMs = entry.dueAtMs - this.runtime.clock.monotonic();
      if (leftMs > 0) entry.timer = this.#retryTimer(entry, leftMs);
      else this.#apply(entry, { kind: 'retry' });
    });
    return { atMs, [Symbol.dispose]: () => timer[Symbol.dispose]() };
  }

  #disposeTimer(entry: Entry): void {
    entry.timer?.[Symbol.dispose]();
    entry.timer = undefined;
  }

  #entryOf(update: StatusUpdate, key: TaskKey | undefined): Entry {
    const frameworkId = update.framework_id.value;
    const taskId = update.status.task_id.value;
    const known = this.#frameworks.get(frameworkId)?.get(taskId);
    if (known) return known;
    const path = key && taskUpdatesPath(key);
    const stream = new StatusUpdateStream();
    return this.#add({ stream, frameworkId, taskId, path, sizeBytes: 0 });
  }

  #add(described: Omit<Entry, 'dueAtMs' | 'timer'>): Entry {
    const entry: Entry = { ...described, dueAtMs: 0, timer: undefined };
    const tasks = this.#frameworks.get(entry.frameworkId) ?? new Map<string, Entry>();
    tasks.set(entry.taskId, entry);
    this.#frameworks.set(entry.frameworkId, tasks);
    return entry;
  }

  #remove(entry: Entry): void {
    entry.timer?.[Symbol.dispose]();
    const tasks = this.#frameworks.get(entry.frameworkId);
    tasks?.delete(entry.taskId);
    if (tasks?.size === 0) this.#frameworks.delete(entry.frameworkId);
  }

  #isCurrent(entry: Entry): boolean {
    return this.#frameworks.get(entry.frameworkId)?.get(entry.taskId) === entry;
  }

  #logIgnored(reason: string, frameworkId: string, taskId: string): void {
    this.runtime.logger.warn(`ignored ${reason}`, { frameworkId, taskId });
  }
}
