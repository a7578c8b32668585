import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError } from '../errors.ts';
import { EX_FAILED, type ExitCode } from '../exit-codes.ts';
import type { ReadyReport, SupervisorOrder } from '../process-host.ts';

/** The built one, also from the sources. */
const program = (): string => fileURLToPath(import.meta.resolve('#mesos'));
const LOG_NAME = 'log';
/** Of a log, when its daemon could not start. */
const TAIL_LINES = 5;

export interface ChildDaemonOptions {
  /** `master`, `agent-1`. */
  readonly name: string;
  readonly argv: readonly string[];
  /** Of its own: holds its log, and what it is told to put there. */
  readonly directory: string;
  /** Whether `directory` goes with the daemon if we die. */
  readonly temporary: boolean;
  /** Whether it logs to our standard error instead of its file. */
  readonly verbose: boolean;
}

/** How a daemon ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One daemon as a subprocess, which notices when we die. */
export class ChildDaemon {
  readonly address: string;
  readonly ended: Promise<ChildEnd>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, address: string, ended: Promise<ChildEnd>) {
    this.#child = child;
    this.address = address;
    this.ended = ended;
  }

  /** Resolves when the daemon serves; rejects with a `CommandError` if it cannot. */
  static async start(options: ChildDaemonOptions): Promise<ChildDaemon> {
    const { name, argv, directory, verbose, temporary } = options;
    mkdirSync(directory, { recursive: true });
    const path = join(directory, LOG_NAME);
    const log = openSync(path, 'a');
    const output = verbose ? 'inherit' : log;
    const child = fork(program(), argv, { stdio: ['ignore', log, output, 'ipc'], execArgv: [] });
    closeSync(log);
    const ended = new Promise<ChildEnd>((resolve) => {
      child.on('error', () => resolve({ code: EX_FAILED, signal: null }));
      child.on('exit', (code, signal) => resolve({ code, signal }));
    });
    if (temporary) child.send({ removeWhenOrphaned: directory } satisfies SupervisorOrder);
    const ready = new Promise<string>((resolve) => {
      child.on('message', ({ address }: ReadyReport) => resolve(address));
    });
    const first = await Promise.race([ready, ended]);
    if (typeof first !== 'string') throw startFailure(name, path, first);
    return new ChildDaemon(child, first, ended);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks it to end: cleanly, or with `SIGKILL` at once. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }
}

function startFailure(name: string, log: string, { code, signal }: ChildEnd): CommandError {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const own = lines.findLastIndex((line) => line.startsWith('mesos: '));
  const said = own === -1 ? lines.slice(-TAIL_LINES) : lines.slice(own);
  const text = said.join('\n').replace(/^mesos: /, '');
  const reason = text === '' ? (signal ?? `exit code ${String(code)}`) : text;
  const exitCode = signal === null && code !== null && code > 0 ? code : EX_FAILED;
  return new CommandError(`Failed to start ${name}: ${reason}`, exitCode as ExitCode);
}
