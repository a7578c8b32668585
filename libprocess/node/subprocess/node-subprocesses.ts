import { spawn, type ChildProcess, type SpawnOptions as ChildOptions } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { Children } from '../../subprocess/children.ts';
import { SubprocessError } from '../../errors.ts';
import { Future, FuturePromise } from '../../future.ts';
import { malformedSpawn } from '../../subprocess/spawn-options.ts';
import type {
  ExitStatus,
  ProcessInfo,
  SpawnOptions,
  Stdio,
  Subprocess,
  Subprocesses,
} from '../../subprocess.ts';
import { NodeSubprocess } from './node-subprocess.ts';
import { gateOf, throughGate, unstartable, type Gate } from './start-gate.ts';
import { signalling } from './signalling.ts';
import { parseProcStat } from './proc-stat.ts';
import { codeOf, reasonOf } from '../system-errors.ts';

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** A FIFO opened to read and write never blocks its opener, nor its writers when nobody reads. */
const STDIO_FLAGS = {
  read: O_RDONLY,
  append: O_WRONLY | O_CREAT | O_APPEND,
  'read-write': O_RDWR | O_NONBLOCK,
} as const;

/** Processes of this machine. */
export class NodeSubprocesses implements Subprocesses {
  readonly #children = new Children();

  spawn(options: SpawnOptions): Future<Subprocess> {
    const reason = malformedSpawn(options);
    if (reason !== undefined) return Future.failed(failure(options, { code: 'EINVAL' }, reason));
    const hooks = options.parentHooks ?? [];
    if (hooks.length === 0 && options.supervised !== true) return this.#start(options).started;
    const code = unstartable(options);
    if (code) return Future.failed(failure(options, { code }));
    const gate = gateOf(options);
    const { child, started } = this.#start(options, gate);
    const valve = child?.stdio[gate.descriptor];
    if (!child || !(valve instanceof Socket)) return started;
    return throughGate({ child, valve, started, options });
  }

  exitOf(pid: number): Future<ExitStatus> | undefined {
    return this.#children.exitOf(pid);
  }

  #start(options: SpawnOptions, gate?: Gate): Start {
    const opened: number[] = [];
    try {
      const stdio = (options.stdio ?? []).map((target) => toChildStdio(target, opened));
      while (stdio.length < (gate?.descriptor ?? STDIO)) stdio.push('ignore');
      if (gate) stdio.push('pipe');
      const [program, ...args] = gate?.argv ?? options.argv;
      const child = spawn(program, args, { ...childOptions(options), stdio });
      return { child, started: this.#started(options, child) };
    } catch (cause) {
      return { started: Future.failed(failure(options, cause)) };
    } finally {
      for (const descriptor of opened) closeSync(descriptor);
    }
  }

  #started(options: SpawnOptions, child: ChildProcess): Future<Subprocess> {
    const promise = new FuturePromise<Subprocess>();
    child.once('error', (cause) => promise.fail(failure(options, cause)));
    const { pid } = child;
    if (pid !== undefined) {
      const subprocess = new NodeSubprocess(pid, child);
      this.#children.add(subprocess);
      child.once('spawn', () => promise.set(subprocess));
    }
    return promise.future;
  }

  inspect(pid: number): ProcessInfo | undefined {
    try {
      return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    } catch {
      return undefined;
    }
  }

  list(): readonly ProcessInfo[] {
    const processes: ProcessInfo[] = [];
    for (const name of readdirSync('/proc')) {
      const info = /^\d+$/.test(name) ? this.inspect(Number(name)) : undefined;
      if (info) processes.push(info);
    }
    return processes;
  }

  signal(pid: number, name: string): boolean {
    // 0 would signal our own group, -1 every process of the machine, 1 the init process.
    if (!Number.isInteger(pid) || Math.abs(pid) < 2) {
      throw new SubprocessError('EINVAL', `Failed to signal process ${pid}: no such target`);
    }
    return signalling({ pid, name }, () => process.kill(pid, name));
  }
}

/** Descriptors that every child has. */
const STDIO = 3;

interface Start {
  readonly child?: ChildProcess;
  readonly started: Future<Subprocess>;
}

function childOptions(options: SpawnOptions): ChildOptions {
  const { environment, workingDirectory, session = false, supervised = false, uid, gid } = options;
  return {
    env: { ...environment },
    detached: session || supervised,
    ...(workingDirectory === undefined ? {} : { cwd: workingDirectory }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  };
}

/** Opens what is named by a path; the parent's copy is closed once the child has its own. */
function toChildStdio(target: Stdio, opened: number[]): 'ignore' | 'pipe' | 'inherit' | number {
  if (typeof target === 'string') return target;
  if ('descriptor' in target) return target.descriptor;
  const descriptor = openSync(target.path, STDIO_FLAGS[target.mode], 0o644);
  opened.push(descriptor);
  return descriptor;
}

function failure(options: SpawnOptions, cause: unknown, why?: string): SubprocessError {
  const { argv, workingDirectory } = options;
  const code = codeOf(cause);
  const reason = why ?? lost(code, workingDirectory) ?? reasonOf(code);
  return new SubprocessError(code, `Failed to start '${argv[0]}': ${reason}`, cause);
}

/** The system says the same of a program and of a directory that is not there. */
function lost(code: string, directory: string | undefined): string | undefined {
  if (directory === undefined || !['ENOENT', 'ENOTDIR', 'EACCES'].includes(code)) return undefined;
  try {
    if (!statSync(directory).isDirectory()) return `working directory '${directory}' is none`;
    accessSync(directory, constants.X_OK);
    return undefined;
  } catch (cause) {
    return `working directory '${directory}': ${reasonOf(codeOf(cause))}`;
  }
}
