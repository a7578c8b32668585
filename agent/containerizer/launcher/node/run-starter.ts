import { spawn } from 'node:child_process';
import { closeSync, constants, fchownSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from '../errors.ts';
import type { RunSpecification } from '../launcher.ts';
import { containersDirectory, runPaths } from '../run-files.ts';
import { Users } from './users.ts';
import { commandArguments, wrapperArguments } from './wrapper.ts';
import type { Hello, WrapperEvents, WrapperStarter } from '../host/launcher-host.ts';
import { NOTIFY_FILE, OWNER_FILE } from '../host/protocol.ts';

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

/** Starts the wrappers of runs as processes of this machine. */
export class RunStarter implements WrapperStarter {
  readonly #hello: Hello;
  /** The agent's FIFO, open for reading and writing. */
  readonly #notify: number;
  readonly #users = new Users();

  constructor(hello: Hello) {
    this.#hello = hello;
    const path = join(hello.runtimeDirectory, NOTIFY_FILE);
    this.#notify = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    mkdirSync(containersDirectory(hello.runtimeDirectory), { recursive: true });
  }

  start(run: RunSpecification, events: WrapperEvents): void {
    try {
      this.#start(run, events);
    } catch (error) {
      if (error instanceof LaunchError) {
        events.refused(error);
        return;
      }
      const { code, message } = systemError(error);
      const why = `Failed to launch '${run.containerId}': ${message}`;
      events.refused(new LaunchError(code, why, error));
    }
  }

  #start(run: RunSpecification, events: WrapperEvents): void {
    this.#assertOurs(run);
    const user = run.user === undefined ? undefined : this.#users.switchTo(run.user);
    const { directory } = runPaths(this.#hello.runtimeDirectory, run.containerId);
    const { argv, environment } = run;
    const words = commandArguments({ argv, environment, ...(user && { user }) });
    mkdirSync(directory); // Fails if it exists: one id is launched once.
    const outputs: number[] = [];
    try {
      for (const path of [run.stdout, run.stderr]) outputs.push(openOutput(path, user));
      const child = spawn(
        '/bin/sh',
        wrapperArguments({ directory, bootId: this.#hello.bootId }, words),
        {
          cwd: run.sandbox,
          env: {}, // What frameworks ask for reaches the command alone.
          detached: true,
          stdio: ['ignore', ...outputs, this.#notify],
        },
      );
      if (child.pid === undefined) throw startFailure(run, child);
      child.on('exit', (code) => events.ended(code === 0));
      events.begun(child.pid);
    } finally {
      for (const output of outputs) closeSync(output);
    }
  }

  /** A new agent has looked at all runs by the time that it lets one of them be forgotten. */
  #assertOurs({ containerId }: RunSpecification): void {
    const { runtimeDirectory, owner } = this.#hello;
    if (readFileSync(join(runtimeDirectory, OWNER_FILE), 'utf8') === owner) return;
    throw new LaunchError('REVOKED', `Failed to launch '${containerId}': there is another agent`);
  }
}

function openOutput(path: string, user: { uid: number; gid: number } | undefined): number {
  const descriptor = openSync(path, OUTPUT_FLAGS, 0o644);
  if (user) fchownSync(descriptor, user.uid, user.gid);
  return descriptor;
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
