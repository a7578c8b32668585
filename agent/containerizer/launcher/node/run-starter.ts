import { spawn } from 'node:child_process';
import { closeSync, constants, fchownSync, mkdirSync, openSync } from 'node:fs';
import { LaunchError } from '../errors.ts';
import type { RunSpecification } from '../launcher.ts';
import { containersDirectory, runPaths } from '../run-files.ts';
import { Users } from './users.ts';
import { WRAPPER_REFUSALS, commandArguments, wrapperArguments } from './wrapper.ts';

/**
 * Files of a sandbox belong to whoever runs there: never follow a link that was put in their place,
 * and never wait for a reader of a FIFO.
 */
const OUTPUT_FLAGS =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  constants.O_NOFOLLOW |
  constants.O_NONBLOCK;

export interface StarterOptions {
  readonly runtimeDirectory: string;
  readonly bootId: string;
  /** The agent's FIFO, open for reading and writing. */
  readonly notify: number;
}

/** Starts the wrappers of runs. */
export class RunStarter {
  readonly #options: StarterOptions;
  readonly #users = new Users();

  constructor(options: StarterOptions) {
    this.#options = options;
    mkdirSync(containersDirectory(options.runtimeDirectory), { recursive: true });
  }

  /**
   * Returns the wrapper's pid. `ended` is called when it is gone, with undefined if it recorded how
   * its command ended, else with what went wrong. Throws `LaunchError` if no wrapper was started.
   */
  start(run: RunSpecification, ended: (trouble: string | undefined) => void): number {
    try {
      return this.#start(run, ended);
    } catch (error) {
      if (error instanceof LaunchError) throw error;
      const { code, message } = systemError(error);
      throw new LaunchError(code, `Failed to launch '${run.containerId}': ${message}`, error);
    }
  }

  #start(run: RunSpecification, ended: (trouble: string | undefined) => void): number {
    const user = run.user === undefined ? undefined : this.#users.switchTo(run.user);
    const { directory } = runPaths(this.#options.runtimeDirectory, run.containerId);
    const { argv, environment } = run;
    const words = commandArguments({ argv, environment, ...(user && { user }) });
    mkdirSync(directory); // Fails if it exists: one id is launched once.
    const outputs: number[] = [];
    try {
      for (const path of [run.stdout, run.stderr]) outputs.push(openOutput(path, user));
      const child = spawn(
        '/bin/sh',
        wrapperArguments({ directory, bootId: this.#options.bootId }, words),
        {
          cwd: run.sandbox,
          env: {}, // What frameworks ask for reaches the command alone.
          detached: true,
          stdio: ['ignore', ...outputs, this.#options.notify],
        },
      );
      if (child.pid === undefined) throw startFailure(run, child);
      child.on('exit', (code) => ended(code === 0 ? undefined : trouble(code)));
      return child.pid;
    } finally {
      for (const output of outputs) closeSync(output);
    }
  }
}

function openOutput(path: string, user: { uid: number; gid: number } | undefined): number {
  const descriptor = openSync(path, OUTPUT_FLAGS, 0o644);
  if (user) fchownSync(descriptor, user.uid, user.gid);
  return descriptor;
}

function trouble(code: number | null): string {
  if (code === null) return 'its wrapper was killed';
  return WRAPPER_REFUSALS[code] ?? `its wrapper ended with code ${code}`;
}

/** Node.js says why in an event that comes later; a pid that is missing says that there will be one. */
function startFailure(
  run: RunSpecification,
  child: { once(event: 'error', listener: (error: Error) => void): unknown },
): LaunchError {
  child.once('error', () => undefined);
  return new LaunchError(
    'SPAWN_FAILED',
    `Failed to launch '${run.containerId}': no shell could be started in '${run.sandbox}'`,
  );
}

function systemError(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
  return { code: code === 'EEXIST' ? 'ID_IN_USE' : code, message: error.message };
}
