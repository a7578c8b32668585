import { spawn, type ChildProcess, type SpawnOptions as ChildOptions } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import { SubprocessError } from '../errors.ts';
import { Future, FuturePromise } from '../future.ts';
import type { ProcessInfo, SpawnOptions, Stdio, Subprocess, Subprocesses } from '../subprocess.ts';
import { NodeSubprocess } from './node-subprocess.ts';
import { parseProcStat } from './proc-stat.ts';
import { codeOf, reasonOf } from './system-errors.ts';

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** A FIFO opened to read and write never blocks its opener, nor its writers when nobody reads. */
const STDIO_FLAGS = {
  read: O_RDONLY,
  append: O_WRONLY | O_CREAT | O_APPEND,
  'read-write': O_RDWR | O_NONBLOCK,
} as const;

/** Processes of this machine. */
export class NodeSubprocesses implements Subprocesses {
  spawn(options: SpawnOptions): Future<Subprocess> {
    const opened: number[] = [];
    try {
      const stdio = (options.stdio ?? []).map((target) => toChildStdio(target, opened));
      while (stdio.length < 3) stdio.push('ignore');
      const [program, ...args] = options.argv;
      return started(program, spawn(program, args, { ...childOptions(options), stdio }));
    } catch (cause) {
      return Future.failed(failure(options.argv[0], cause));
    } finally {
      for (const descriptor of opened) closeSync(descriptor);
    }
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
    try {
      return process.kill(pid, name);
    } catch (cause) {
      const code = codeOf(cause);
      if (code === 'ESRCH') return false;
      const reason = code === 'ERR_UNKNOWN_SIGNAL' ? `unknown signal '${name}'` : reasonOf(code);
      throw new SubprocessError(code, `Failed to signal process ${pid}: ${reason}`, cause);
    }
  }
}

function childOptions(options: SpawnOptions): ChildOptions {
  const { environment, workingDirectory, session = false, uid, gid } = options;
  return {
    env: { ...environment },
    detached: session,
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

function started(program: string, child: ChildProcess): Future<Subprocess> {
  const promise = new FuturePromise<Subprocess>();
  child.once('error', (cause) => promise.fail(failure(program, cause)));
  const { pid } = child;
  if (pid !== undefined) {
    const subprocess = new NodeSubprocess(pid, child);
    child.once('spawn', () => promise.set(subprocess));
  }
  return promise.future;
}

function failure(program: string, cause: unknown): SubprocessError {
  const code = codeOf(cause);
  return new SubprocessError(code, `Failed to start '${program}': ${reasonOf(code)}`, cause);
}
