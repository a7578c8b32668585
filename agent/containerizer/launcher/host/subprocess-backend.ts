import type { Order, Report, Target } from './protocol.ts';
import type { BackendListener, LauncherBackend, RunTarget } from '../backend.ts';
import type { RunSpecification, RunUsage } from '../launcher.ts';
import { parseNotice } from '../run-files.ts';
import { type Future, FuturePromise } from '../../../../libprocess/future.ts';

/** The launcher subprocess as its agent sees it: started on first use, and again if it ends. */
export interface LauncherLink extends Disposable {
  /** While it is down orders are lost: `restarted` says when to give them again. */
  order(order: Order): void;
}

export interface LauncherEvents {
  reported(report: Report): void;
  /** A line that a wrapper wrote. */
  noticed(line: string): void;
  /** The subprocess had ended and is there again. */
  restarted(): void;
}

interface Watched {
  readonly target: Target;
  readonly checkpoint: boolean;
}

/** Wrappers started and signalled by a launcher subprocess, heard of through the FIFO. */
export class SubprocessBackend implements LauncherBackend {
  readonly #listener: BackendListener;
  readonly #launcher: LauncherLink;
  /** All that a restarted launcher must be told. */
  readonly #starting = new Map<string, RunSpecification>();
  readonly #watched = new Map<string, Watched>();
  readonly #destroying = new Map<string, { target: Target; done: FuturePromise<void> }>();
  readonly #asked = new Map<string, FuturePromise<RunUsage | undefined>>();

  constructor(listener: BackendListener, connect: (events: LauncherEvents) => LauncherLink) {
    this.#listener = listener;
    this.#launcher = connect({
      reported: (report) => this.#reported(report),
      noticed: (line) => this.#noticed(line),
      restarted: () => this.#restarted(),
    });
  }

  start(run: RunSpecification): void {
    this.#starting.set(run.containerId, run);
    this.#launcher.order({ do: 'start', run });
  }

  watch(run: RunTarget & { readonly checkpoint: boolean }): void {
    const watched = { target: flat(run), checkpoint: run.checkpoint };
    this.#watched.set(run.containerId, watched);
    this.#launcher.order({ do: 'watch', ...watched });
  }

  release(run: RunTarget): void {
    this.#starting.delete(run.containerId);
    this.#watched.delete(run.containerId);
    this.#launcher.order({ do: 'release', target: flat(run) });
  }

  signal(run: RunTarget, signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#launcher.order({ do: 'signal', target: flat(run), signal });
  }

  destroy(run: RunTarget): Future<void> {
    const known = this.#destroying.get(run.containerId);
    if (known) return known.done.future;
    const destroying = { target: flat(run), done: new FuturePromise<void>() };
    this.#destroying.set(run.containerId, destroying);
    this.#launcher.order({ do: 'destroy', target: destroying.target });
    return destroying.done.future;
  }

  usage(run: RunTarget): Future<RunUsage | undefined> {
    const known = this.#asked.get(run.containerId);
    if (known) return known.future;
    const asked = new FuturePromise<RunUsage | undefined>();
    this.#asked.set(run.containerId, asked);
    this.#launcher.order({ do: 'usage', target: flat(run) });
    return asked.future;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#launcher[Symbol.dispose]();
    for (const { done } of this.#destroying.values()) done.abandon();
    for (const asked of this.#asked.values()) asked.abandon();
  }

  #noticed(line: string): void {
    const notice = parseNotice(line);
    if (!notice) return;
    const { containerId } = notice;
    if (notice.kind === 'ended') {
      this.#listener.ended(containerId, notice.status);
      return;
    }
    const { pid, startTime } = notice;
    const run = this.#starting.get(containerId);
    this.#starting.delete(containerId);
    if (run) {
      const { sandbox, checkpoint } = run;
      const target = { containerId, pid, startTime, sandbox };
      this.#watched.set(containerId, { target, checkpoint });
    }
    this.#listener.started(containerId, { pid, startTime });
  }

  #reported(report: Report): void {
    const { containerId } = report;
    switch (report.tell) {
      case 'refused':
        this.#starting.delete(containerId);
        this.#listener.refused(containerId, report);
        break;
      case 'notice':
        this.#noticed(report.line);
        break;
      case 'gone':
        this.#listener.gone(containerId);
        break;
      case 'destroyed':
        take(this.#destroying, containerId)?.done.set();
        break;
      case 'usage':
        take(this.#asked, containerId)?.set(report.usage);
        break;
    }
  }

  #restarted(): void {
    for (const watched of this.#watched.values()) this.#launcher.order({ do: 'watch', ...watched });
    for (const { target } of this.#destroying.values())
      this.#launcher.order({ do: 'destroy', target });
    for (const asked of this.#asked.values()) asked.set(undefined);
    this.#asked.clear();
    this.#starting.clear();
    this.#listener.restarted();
  }
}

function flat({ containerId, sandbox, identity: { pid, startTime } }: RunTarget): Target {
  return { containerId, sandbox, pid, startTime };
}

function take<K, V>(map: Map<K, V>, key: K): V | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}
