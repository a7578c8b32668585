import type { Future } from './future.ts';
import type { ByteSink, ByteSource } from './io/byte-streams.ts';

/** How a process ended: by itself with a code, or by a signal. Exactly one is set. */
export type ExitStatus =
  | { readonly code: number; readonly signal?: never }
  | { readonly signal: string; readonly code?: never };

/**
 * Where a descriptor of the child points. A path is opened by the child's spawner: `append` creates
 * it; `read-write` does not and never blocks, which is what a FIFO needs.
 */
export type Stdio =
  | 'ignore'
  | 'pipe'
  | 'inherit'
  | { readonly path: string; readonly mode: 'read' | 'append' | 'read-write' }
  | { readonly descriptor: number };

/**
 * Runs in the parent when the child has its pid and before its program runs: to write a pid file, to
 * put it into a control group. One that fails ends the child, which has then run nothing of its program.
 */
export type ParentHook = (pid: number) => void | PromiseLike<void>;

/** What to run, and in which surroundings. */
export interface SpawnOptions {
  /** Program and its arguments. The program is looked up in `environment.PATH` unless absolute. */
  readonly argv: readonly [string, ...string[]];
  /** The whole environment; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /**
   * Descriptors 0, 1, 2 and up; the child has no others that this program has opened. What it inherited itself may
   * go on to its children. Default: `ignore` for all three. Descriptor
   * 0 can be a pipe to write to, 1 and 2 pipes to read from, none above.
   */
  readonly stdio?: readonly Stdio[];
  /** Starts a session and process group of its own (setsid). Default: false. */
  readonly session?: boolean;
  readonly uid?: number;
  readonly gid?: number;
  /** Run one after another. With them the descriptors are those up to `GATED_STDIO_MAX`. */
  readonly parentHooks?: readonly ParentHook[];
  /**
   * Ends the child with its parent, however that ends: it starts a session of its own, and what is
   * left of its process group is killed when the parent is gone. What leaves the group stays.
   */
  readonly supervised?: boolean;
}

/** Descriptors that a child with hooks or supervision may be given: a shell names one digit. */
export const GATED_STDIO_MAX = 9;

/** A child of this operating-system process. */
export interface Subprocess {
  readonly pid: number;
  /**
   * Ready once the process has ended and been reaped, and what it printed has arrived. Never fails. A
   * discard has no effect, on the process or on this: signal it.
   */
  readonly exited: Future<ExitStatus>;
  /** To its standard input, if that is a pipe. */
  readonly in: ByteSink | undefined;
  /** From its standard output, if that is a pipe: one that nobody reads is full at some time, and it waits. */
  readonly out: ByteSource | undefined;
  readonly err: ByteSource | undefined;
  /** False if the process has ended. Throws `SubprocessError` for a name that is none. */
  signal(name: string): boolean;
}

/** One line of the table of processes, as of when it was read. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks since boot at which it started: with the boot id, makes a pid unique. */
  readonly startTime: number;
  /** As in /proc/PID/stat; `Z` and `X` are dead whatever else still shows. */
  readonly state: string;
}

/** Processes of the operating system. */
export interface Subprocesses {
  /**
   * Fails with `SubprocessError` when the program cannot be started; its `code` is the system's, or
   * `HOOK_FAILED`. A discard while hooks run ends the child.
   */
  spawn(options: SpawnOptions): Future<Subprocess>;
  /**
   * How a child of this process ends, also one that has ended, as long as not too many others have
   * since (`ENDED_CHILDREN_MAX`). Undefined if it is no child, or not known any more.
   */
  exitOf(pid: number): Future<ExitStatus> | undefined;
  /** Undefined if there is no such process. Zombies are returned with state `Z`. */
  inspect(pid: number): ProcessInfo | undefined;
  /** All processes; for walks over a session or a tree. */
  list(): readonly ProcessInfo[];
  /** Signals one process, or with a negative pid its group; false if there is none. */
  signal(pid: number, name: string): boolean;
}
