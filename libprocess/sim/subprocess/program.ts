import type { Runtime } from '../../runtime.ts';

/** What a simulated program is given: its process and the world around it. */
export interface ProgramContext {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Those that it was given; 0, 1 and 2 lead somewhere always, if only to nothing. */
  readonly descriptors: readonly number[];
  /** Of this process: its clock, disk, network and children. It ends with the process. */
  readonly runtime: Runtime;
  /** Called for each line of standard input, and once at its end. */
  onInput(onLine: (line: string) => void, onEnd?: () => void): void;
  /** Writes text to a descriptor; dropped if it leads nowhere. */
  print(text: string, descriptor?: number): void;
  /** Handles a signal; without a handler it ends the process. KILL and STOP cannot be handled. */
  onSignal(name: string, handler: () => void): void;
  /** A child that runs `program`; returns its pid. */
  fork(program: Program, options?: { readonly session?: boolean }): number;
  /** Ends the process; nothing of it runs after this call returns to the world. */
  exit(code: number): void;
}

/**
 * A simulated program: called once, when the process starts. Like a real process with handlers, it
 * goes on until it exits, also after `main` has returned.
 */
export type Program = (context: ProgramContext) => void;

/** The programs that exist, by absolute path, on every machine of a simulation. */
export class Programs {
  readonly #programs = new Map<string, Program>();

  define(path: string, program: Program): void {
    this.#programs.set(path, program);
  }

  /** Looks a name up as `execvp` does. */
  find(name: string, searchPath = '/usr/local/bin:/usr/bin:/bin'): Program | undefined {
    if (name.includes('/')) return this.#programs.get(name);
    for (const directory of searchPath.split(':')) {
      const program = this.#programs.get(`${directory}/${name}`);
      if (program) return program;
    }
    return undefined;
  }
}
