import type { Future } from '../../libprocess/future.ts';
import type { ExitStatus } from '../../libprocess/subprocess.ts';

/** The one run of a command task, as whoever starts processes wants to be told of it. */
export interface CommandRun {
  readonly containerId: string;
  readonly argv: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  readonly sandbox: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Absent: the agent's own. */
  readonly user?: string;
  readonly checkpoint: boolean;
}

export type CommandEnd =
  | { readonly kind: 'exited'; readonly status: ExitStatus }
  /** Nobody knows how; its processes are dead. */
  | { readonly kind: 'lost' };

/** What became of a run that a former agent started. */
export type RecoveredCommand =
  { readonly kind: 'running' } | { readonly kind: 'ended'; readonly end: CommandEnd };

/**
 * How the command executor has its command started and ended; the agent's launcher does it. All may
 * be called for a run that has ended, and then do nothing.
 */
export interface CommandRuns {
  /** Ready when the command is about to run; fails only if it has not run and never will. */
  launch(run: CommandRun): Future<unknown>;
  /** Signals every process of the run. */
  signal(containerId: string, signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Kills every process of the run, until none is left. */
  destroy(containerId: string): void;
  /** `listener` hears the end of the run, once, if it started. Called before `launch`. */
  onEnded(containerId: string, listener: (end: CommandEnd) => void): void;
}

/** Where an executor keeps what it must know again after a restart of the agent. */
export interface CommandCheckpoints {
  /** Replaces what was saved for the run; `durable` is called once it is, in any turn. */
  save(containerId: string, record: Uint8Array, durable: () => void): void;
}
