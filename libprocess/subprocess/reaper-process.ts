import { dispatch } from '../dispatch.ts';
import { Future, FuturePromise } from '../future.ts';
import type { PID } from '../pid.ts';
import { Process } from '../process.ts';
import type { ExitStatus, ProcessInfo, Subprocesses } from '../subprocess.ts';
import type { Millis } from '../clock.ts';

/** How often those are looked at that are no children of ours: of 50 or fewer ... */
export const REAP_INTERVAL_MS_MIN: Millis = 100;
/** ... of 500 or more, and in proportion between. */
export const REAP_INTERVAL_MS_MAX: Millis = 1_000;
const WATCHED_LOW = 50;
const WATCHED_HIGH = 500;

/** How long it takes to see an end, at most, when so many are watched. */
export function reapIntervalMs(watched: number): Millis {
  const fraction = (watched - WATCHED_LOW) / (WATCHED_HIGH - WATCHED_LOW);
  const bounded = Math.min(1, Math.max(0, fraction));
  return REAP_INTERVAL_MS_MIN + (REAP_INTERVAL_MS_MAX - REAP_INTERVAL_MS_MIN) * bounded;
}

/** Which process is meant, if its pid may have been given to another. */
export interface ReapOptions {
  /**
   * Start time of the process that is meant (`ProcessInfo.startTime`), where it was written down before:
   * whoever has its pid now may be another. Default: whoever has it now.
   */
  readonly startTime?: number;
}

interface Watched {
  readonly pid: number;
  readonly startTime: number;
  readonly promises: Set<FuturePromise<ExitStatus | undefined>>;
}

/**
 * Tells when processes of the operating system end: children of this one with their exit status, others
 * (those of a program that ran here before, say) without. It looks only while it watches somebody.
 */
export class ReaperProcess extends Process {
  /** By pid and start time. */
  readonly #watched = new Map<string, Watched>();
  #looking = false;

  constructor(id = '__reaper__') {
    super(id);
  }

  /** See `reap`. */
  reap(pid: number, { startTime }: ReapOptions = {}): Future<ExitStatus | undefined> {
    const { subprocesses } = this.runtime;
    const info = alive(subprocesses, pid);
    const exit = subprocesses.exitOf(pid);
    // A pid that is free can be given again: one that runs now is not the child that has ended.
    const child = exit && (exit.isPending || !info) ? exit : undefined;
    if (startTime !== undefined && info && info.startTime !== startTime)
      return Future.ready(undefined);
    if (child) return follow(child);
    if (!info) return Future.ready(undefined);
    return this.#watch(info);
  }

  #watch({ pid, startTime }: ProcessInfo): Future<ExitStatus | undefined> {
    const key = `${pid} ${startTime}`;
    const watched = this.#watched.get(key) ?? { pid, startTime, promises: new Set() };
    this.#watched.set(key, watched);
    const promise = new FuturePromise<ExitStatus | undefined>();
    watched.promises.add(promise);
    promise.future.onDiscard(
      this.defer(() => {
        watched.promises.delete(promise);
        if (watched.promises.size === 0) this.#watched.delete(key);
        promise.discard();
      }),
    );
    this.#lookLater();
    return promise.future;
  }

  #lookLater(): void {
    if (this.#looking || this.#watched.size === 0) return;
    this.#looking = true;
    this.delay(reapIntervalMs(this.#watched.size), () => {
      this.#looking = false;
      for (const [key, watched] of this.#watched) this.#look(key, watched);
      this.#lookLater();
    });
  }

  #look(key: string, { pid, startTime, promises }: Watched): void {
    if (alive(this.runtime.subprocesses, pid)?.startTime === startTime) return;
    this.#watched.delete(key);
    for (const promise of promises) promise.set(undefined);
  }
}

/** A zombie has ended, whoever it waits for. */
function alive(subprocesses: Subprocesses, pid: number): ProcessInfo | undefined {
  const info = subprocesses.inspect(pid);
  return info && info.state !== 'Z' && info.state !== 'X' ? info : undefined;
}

/** Nobody can take back the end of a child, nor wait for it in another's name. */
function follow(exit: Future<ExitStatus>): Future<ExitStatus | undefined> {
  const promise = new FuturePromise<ExitStatus | undefined>();
  promise.future.onDiscard(() => promise.discard());
  exit.onReady((status) => promise.set(status));
  return promise.future;
}

/**
 * Ready when the process `pid` has ended: with its exit status if it is, or was, a child of ours; with
 * undefined if it is not, which is found within `reapIntervalMs`, or if there is no such process. A
 * discard gives the watch up. `reaper` is the node's `ReaperProcess`.
 */
export function reap(
  reaper: PID<ReaperProcess>,
  pid: number,
  options: ReapOptions = {},
): Future<ExitStatus | undefined> {
  return dispatch(reaper, 'reap', pid, options);
}
