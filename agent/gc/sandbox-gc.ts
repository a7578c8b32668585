import {
  Future,
  FuturePromise,
  type Logger,
  type Millis,
  type Runtime,
} from '../../libprocess/index.ts';
import type { AgentActor } from '../agent-context.ts';
import type { AgentFlags } from '../flags.ts';
import type { AgentMetrics } from '../metrics.ts';
import { removeCheckpoints, type Meta } from '../state/checkpoint.ts';
import {
  agentPath,
  executorPath,
  frameworkPath,
  runPath,
  type AgentKey,
  type ExecutorKey,
  type FrameworkKey,
  type RunKey,
} from '../state/paths.ts';
import { maxAgeMs } from './gc-policy.ts';

export interface SandboxGcOptions {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly actor: AgentActor;
  readonly flags: AgentFlags;
  readonly meta: Meta;
  readonly metrics: AgentMetrics;
}

/**
 * Removes what ended executors and frameworks leave behind, sandbox and checkpoints together, when
 * it has grown too old: `gc_delay` on an empty disk, sooner the fuller the disk is. Paths are those
 * of `state/paths.ts`, below the work directory and below `meta/` alike.
 */
export class SandboxGc {
  readonly #options: SandboxGcOptions;
  /** When each path ended; wall time, as it must mean the same to the next agent. */
  readonly #ended = new Map<string, Millis>();
  /** What is being removed, one path at a time. */
  #removing: { readonly path: string; readonly removed: FuturePromise<void> } | undefined;

  constructor(options: SandboxGcOptions) {
    this.#options = options;
  }

  /** Paths that wait for their time. */
  get pending(): number {
    return this.#ended.size;
  }

  /** Looks at the disk every `disk_watch_interval`. */
  start(): void {
    const { actor, flags } = this.#options;
    actor.delay(flags.diskWatchIntervalMs, () => {
      this.#prune();
      this.start();
    });
  }

  executorEnded(key: RunKey): void {
    this.#schedule(runPath(key));
    this.#schedule(executorPath(key));
  }

  frameworkEnded(key: FrameworkKey): void {
    this.#schedule(frameworkPath(key));
  }

  /** A former identity of this agent: its directory, with all that is in it. */
  agentEnded(key: AgentKey, endedAtMs: Millis): void {
    this.#ended.set(agentPath(key), endedAtMs);
  }

  /** A run that a former agent saw end, at a time that the sandbox tells. */
  recovered(key: RunKey, endedAtMs: Millis): void {
    this.#ended.set(runPath(key), endedAtMs);
  }

  /**
   * The executor, or its framework, has come to life again. Ready when nothing is being removed any more
   * in which it will live.
   */
  keepExecutor(key: ExecutorKey): Future<void> {
    const path = executorPath(key);
    this.#ended.delete(path);
    this.keepFramework(key);
    const removing = this.#removing;
    return removing && `${path}/`.startsWith(`${removing.path}/`)
      ? removing.removed.future
      : Future.ready();
  }

  keepFramework(key: FrameworkKey): void {
    this.#ended.delete(frameworkPath(key));
    this.#ended.delete(agentPath(key));
  }

  #schedule(path: string): void {
    const { runtime, flags } = this.#options;
    const now = runtime.clock.now();
    this.#ended.set(path, now);
    // The time of the directory tells the next agent; a sandbox that is gone needs none.
    const disk = runtime.disk.at('sandbox-age');
    disk.setModifiedAt(`${flags.workDirectory}/${path}`, now).catch(() => undefined);
  }

  #prune(): void {
    const { runtime, flags, actor, logger } = this.#options;
    if (this.#removing || this.#ended.size === 0) return;
    runtime.disk.usage(flags.workDirectory).then(
      actor.defer(({ totalBytes, freeBytes }: { totalBytes: number; freeBytes: number }) => {
        this.removeOlderThan(maxAgeMs({ ...flags, usage: 1 - freeBytes / totalBytes }));
      }),
      (error: unknown) => {
        logger.warn('Failed to look at the disk', { error });
      },
    );
  }

  /** Removes all that ended longer ago than `ageMs`, oldest first, one at a time. */
  removeOlderThan(ageMs: Millis): void {
    const { runtime } = this.#options;
    const limit = runtime.clock.now() - ageMs;
    const due = [...this.#ended].filter(([, endedAt]) => endedAt <= limit);
    due.sort(([, a], [, b]) => a - b);
    this.#removeNext(due.map(([path]) => path));
  }

  #removeNext(paths: readonly string[], first = 0): void {
    // One that came to life again while others were removed is no longer there.
    let index = first;
    while (index < paths.length && !this.#ended.delete(paths[index] ?? '')) index += 1;
    const path = paths[index];
    this.#removing = undefined;
    if (path === undefined) return;
    const removed = new FuturePromise<void>();
    this.#removing = { path, removed };
    const { runtime, flags, meta, actor, logger, metrics } = this.#options;
    removeCheckpoints(meta, path);
    const next = actor.defer((error?: unknown) => {
      removed.set();
      if (error === undefined) {
        metrics.pathRemovalsSucceeded.increment();
      } else {
        metrics.pathRemovalsFailed.increment();
        logger.warn('Failed to remove a sandbox', { path, error });
      }
      this.#removeNext(paths, index + 1);
    });
    const disk = runtime.disk.at('sandbox-removal');
    disk.removeTree(`${flags.workDirectory}/${path}`).then(() => {
      next();
    }, next);
  }
}
