import type { Future } from './future.ts';

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

export interface SpawnOptions {
  /** Program and its arguments. The program is looked up in `environment.PATH` unless absolute. */
  readonly argv: readonly [string, ...string[]];
  /** The whole environment; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** Descriptors 0, 1, 2 and up. Default: `ignore` for all three. */
  readonly stdio?: readonly Stdio[];
  /** Starts a session and process group of its own (setsid). Default: false. */
  readonly session?: boolean;
  readonly uid?: number;
  readonly gid?: number;
}

export interface Subprocess {
  readonly pid: number;
  /** Ready once the process has ended and been reaped. Never fails. */
  readonly exited: Future<ExitStatus>;
  /** To stdin if it is a pipe. Ignored after the process ended. */
  write(bytes: Uint8Array): void;
  /** Closes stdin. */
  end(): void;
  /** Called with what stdout (1) or stderr (2) print, if they are pipes. Set before the next turn. */
  onOutput(listener: (descriptor: 1 | 2, bytes: Uint8Array) => void): void;
  /** False if the process has ended. */
  signal(name: string): boolean;
}

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
  /** Fails with `SubprocessError` when the program cannot be started. */
  spawn(options: SpawnOptions): Future<Subprocess>;
  /** Undefined if there is no such process. Zombies are returned with state `Z`. */
  inspect(pid: number): ProcessInfo | undefined;
  /** All processes; for walks over a session or a tree. */
  list(): readonly ProcessInfo[];
  /** Signals one process, or with a negative pid its group; false if there is none. */
  signal(pid: number, name: string): boolean;
}
