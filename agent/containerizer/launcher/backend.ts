import type { Future } from '../../../libprocess/future.ts';
import type { ExitStatus } from '../../../libprocess/subprocess.ts';
import type { RunIdentity, RunSpecification, RunUsage } from './launcher.ts';

/** A run that has begun. */
export interface RunTarget {
  readonly containerId: string;
  readonly identity: RunIdentity;
  readonly sandbox: string | undefined;
}

/** What a backend tells, in any turn. It may tell one thing twice, and of runs long forgotten. */
export interface BackendListener {
  /** The wrapper has claimed its run. */
  started(containerId: string, leader: { pid: number; startTime: number }): void;
  /** The wrapper has recorded how it ended. */
  ended(containerId: string, status: ExitStatus): void;
  /** No wrapper could be started for it. */
  refused(containerId: string, failure: { code: string; message: string }): void;
  /** Its wrapper is gone and may not have recorded why: look at the files. */
  gone(containerId: string): void;
  /** The backend was lost and is there again; what had been asked of it may not have happened. */
  restarted(): void;
}

/**
 * Starts wrappers and signals processes: what a launcher cannot do through `Runtime`. It remembers
 * runs only to end those that may not outlive the agent.
 */
export interface LauncherBackend extends AsyncDisposable {
  /** Makes the run's directory and starts its wrapper; the listener hears what came of it. */
  start(run: RunSpecification): void;
  /** Takes over a run that an earlier backend started. */
  watch(target: RunTarget & { readonly checkpoint: boolean }): void;
  /** The run has ended: what is left of its processes is killed, then it is no longer watched. */
  release(target: RunTarget): void;
  /** Signals the run's processes except its wrapper. */
  signal(target: RunTarget, signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Kills the run's processes until nothing new appears. Ready when none is left. */
  destroy(target: RunTarget): Future<void>;
  usage(target: RunTarget): Future<RunUsage | undefined>;
}
