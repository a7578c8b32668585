import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const POLL_MS = 20;
/** Long enough for any machine; what is waited for usually takes a fraction of a second. */
const PATIENCE_MS = 30_000;
const LIFE_MS_MAX = 180_000;

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A built program that runs as a process of its own. */
export class RunningCommand {
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';

  /** @param program below `dist/` */
  constructor(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [join(DIST, program), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, HOME, ...env },
      // A test that has failed leaves none behind for long.
      timeout: LIFE_MS_MAX,
      killSignal: 'SIGKILL',
    });
    child.stdout.on('data', (bytes: Buffer) => (this.#stdout += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (this.#stderr += bytes.toString()));
    this.#child = child;
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        resolve({ stdout: this.#stdout, stderr: this.#stderr, code, signal });
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves to what `pattern` captures first in what it writes; fails if the process ends before. */
  async captured(pattern: RegExp, from: 'stdout' | 'stderr' = 'stdout'): Promise<string> {
    let over: Outcome | undefined;
    void this.ended.then((outcome) => (over = outcome));
    return eventually(`${String(pattern)} is printed`, () => {
      const match = pattern.exec(from === 'stdout' ? this.#stdout : this.#stderr);
      if (match) return match[1] ?? match[0];
      if (over) throw new Error(`Ended with ${String(over.code)}: ${this.#stdout}${this.#stderr}`);
      return undefined;
    });
  }
}

export const mesos = (...args: readonly string[]): Promise<Outcome> =>
  new RunningCommand('bin/mesos.js', args).ended;

/** Polls until `look` finds something: for what happens in other processes. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`It did not come true that ${what}`);
    await delay(POLL_MS);
  }
}

/** A running `mesos local` on free ports, in a temporary directory. */
export class LocalMesos implements AsyncDisposable {
  readonly command: RunningCommand;
  readonly master: string;
  readonly directory: string;

  private constructor(command: RunningCommand, master: string, directory: string) {
    this.command = command;
    this.master = master;
    this.directory = directory;
  }

  static async start(...args: readonly string[]): Promise<LocalMesos> {
    const command = new RunningCommand('bin/mesos.js', ['local', '--port=0', ...args]);
    const master = await command.captured(/is up: http:\/\/([\d.:]+)/);
    const directory = await command.captured(/are below (\S+?),? /);
    return new LocalMesos(command, master, directory);
  }

  run(...args: readonly string[]): Promise<Outcome> {
    return new RunningCommand('bin/mesos.js', args, { MESOS_MASTER: this.master }).ended;
  }

  start(...args: readonly string[]): RunningCommand {
    return new RunningCommand('bin/mesos.js', args, { MESOS_MASTER: this.master });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.command.signal('SIGTERM');
    await this.command.ended;
  }
}

/** Command lines of all processes of this machine that contain `text`, by pid. */
export function processesWith(text: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const line = readFileSync(join('/proc', name, 'cmdline'), 'utf8').replaceAll('\0', ' ');
      if (line.includes(text)) found.set(Number(name), line);
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}
