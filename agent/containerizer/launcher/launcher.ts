import type { Future } from '../../../libprocess/future.ts';
import type { ExitStatus } from '../../../libprocess/subprocess.ts';

/**
 * What tells a subprocess from every other there ever was on this machine. A pid alone does not:
 * pids are reused, and mean nothing after a reboot.
 */
export interface RunIdentity {
  /** Pid of the wrapper, which leads the session of the run. Its children do the work. */
  readonly pid: number;
  /** Clock ticks since boot, as in `/proc/PID/stat`. */
  readonly startTime: number;
  readonly bootId: string;
}

/** One container run: a command task, or a custom executor. */
export interface RunSpecification {
  /** Names the run for ever; launching one id twice never starts a second process. */
  readonly containerId: string;
  /**
   * Program and its arguments, handed over as they are: no shell sees them unless the program is
   * one. The program is looked up in `environment.PATH` unless it contains a slash.
   */
  readonly argv: readonly [string, ...string[]];
  /** All that the command gets; nothing is inherited. Names hold no `=`, neither holds NUL. */
  readonly environment: Readonly<Record<string, string>>;
  /** The sandbox: exists, absolute, belongs to this run alone. */
  readonly sandbox: string;
  /** Files, absolute, created if missing and appended to; never followed if a symbolic link. */
  readonly stdout: string;
  readonly stderr: string;
  /** Name of the user to run the command as. Absent: as the agent's. */
  readonly user?: string;
  /** Whether the run may outlive the agent, as for frameworks with checkpointing. */
  readonly checkpoint: boolean;
}

/** How a run ended, as far as can be known. */
export type RunEnd =
  | { readonly kind: 'exited'; readonly status: ExitStatus }
  /**
   * The wrapper is gone and left no record: it was killed, or the machine was started again. What
   * was left of its session has been killed before this is told.
   */
  | { readonly kind: 'lost' };

/** What became of a run that an earlier agent may have launched. */
export type RecoveredRun =
  | { readonly kind: 'running'; readonly identity: RunIdentity }
  | { readonly kind: 'ended'; readonly end: RunEnd }
  /** It had not begun, and now never will: its claim has been taken away. */
  | { readonly kind: 'never-started' };

export interface RunUsage {
  /** Processes of the run, the wrapper included. */
  readonly processes: number;
  readonly threads: number;
  readonly residentBytes: number;
  /** Of the processes that live now; those of ended children count with their parents. */
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
}

/**
 * Starts and ends the operating-system processes of containers, and knows how each ended, also of
 * those that ended while no agent was there.
 *
 * Every run is led by a small wrapper in a session of its own, which outlives the agent. It works
 * through the files of `<runtime_dir>/containers/<container id>/`:
 *
 * | file     | written by          | says                                                       |
 * |----------|---------------------|------------------------------------------------------------|
 * | `pid`    | wrapper, first      | pid, start time, boot id                                   |
 * | `claim`  | whoever comes first | made exclusively: by the wrapper: the command runs; by a   |
 * |          |                     | recovering agent: it never will                            |
 * | `status` | wrapper, last       | `exit N` or `signal N`; counts only with its newline       |
 *
 * ```
 *   launch ──► claimed ──► running ──► ended: exited │ lost
 *          └─► refused: the future fails, and the command never runs
 * ```
 *
 * Kills are not remembered here: the agent makes intent and deadline durable before it calls
 * `signal` or `destroy`, and calls again after a restart (`kill-plan.ts`).
 */
export interface Launcher extends AsyncDisposable {
  /**
   * Called once for each run that has started or was recovered as running, after that; never for
   * others. Set it once, before the first launch or recovery, to a function made by `this.defer`.
   */
  onEnded(listener: (containerId: string, end: RunEnd) => void): void;

  /**
   * Starts a run. Ready when its identity is recorded, just before the command runs (a program that
   * cannot be executed is a run that ends with code 127 or 126). Fails with `LaunchError` if the
   * command has not run and never will.
   */
  launch(run: RunSpecification): Future<RunIdentity>;

  /**
   * Signals every process of the run except the wrapper, those in other sessions included that
   * still descend from it. Harmless if the run has ended or is not known.
   */
  signal(containerId: string, signal: 'SIGTERM' | 'SIGKILL'): void;

  /**
   * Kills every process of the run except the wrapper, again until nothing new appears. The end is
   * told by `onEnded`: the wrapper records it. Harmless if ended or not known.
   */
  destroy(containerId: string): void;

  /**
   * Looks at runs of an earlier agent and takes them over. One that never started never will; the
   * session of one whose wrapper is gone has been killed. Ids without any files count as never
   * started. Fails with `DiskError` if the run directory cannot be read or written.
   */
  recover(runs: readonly RecoverableRun[]): Future<ReadonlyMap<string, RecoveredRun>>;

  /** Container ids that have a directory, known to the agent or not (orphans are the latter). */
  containers(): Future<readonly string[]>;

  /** Undefined if the run is not running. */
  usage(containerId: string): Future<RunUsage | undefined>;

  /** Removes the files of a run whose end is durable elsewhere. Refused while it runs. */
  forget(containerId: string): Future<void>;

  /**
   * Lets go of all runs without ending them. What is to become of them is decided as if the agent
   * had died: those without `checkpoint` are ended at once, the others after the recovery timeout,
   * unless another agent has taken over the work directory by then.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RecoverableRun {
  readonly containerId: string;
  /** Unknown of a run without a checkpoint: then only what is in its session belongs to it. */
  readonly sandbox: string | undefined;
  readonly checkpoint: boolean;
}

/** Where a launcher works and how long its runs wait for a new agent. */
export interface LauncherOptions {
  /** `--runtime_dir`. One launcher at a time: it is locked. */
  readonly runtimeDirectory: string;
  /** `--recovery_timeout`, milliseconds. */
  readonly recoveryTimeoutMs: number;
}
