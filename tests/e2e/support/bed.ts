import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkTraces } from '../../../simulation/traces/check-traces.ts';
import { Child } from './child.ts';
import { commandOf, processesNaming } from './processes.ts';
import { BACKOFF_MS, RealScheduler, type RealSchedulerOptions } from './real-scheduler.ts';

const MESOS = fileURLToPath(new URL('../../../dist/bin/mesos.js', import.meta.url));
/** The same, with each module in a file of its own, where a program that is loaded first can reach it. */
const MODULES = fileURLToPath(new URL('../../../dist/cli/mesos.js', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('.', import.meta.url));
const POLL_MS = 10;
const UNTIL_MS_MAX = 30_000;
/** By name, as `mesos` spells them. */
export type Flags = Readonly<Record<string, string>>;

/** What a Node.js process loads before its own program, and is told in its environment. */
export interface Preloaded {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A daemon and where it serves. */
export interface Daemon {
  readonly child: Child;
  readonly address: string;
}

/**
 * This machine, below a directory of its own. All that a test starts or mounts there ends with it;
 * what the product itself left running is an error.
 */
export class Bed implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'mesos-e2e-'));
  readonly #children: Child[] = [];
  readonly #disposers: (() => Promise<void>)[] = [];
  readonly #mounts: string[] = [];
  /** What the nodes of the test have said and heard, for the checkers of simulations. */
  readonly #traces: string[] = [];

  path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  /** Starts a program and ends it with the test. */
  start(argv: readonly string[], env?: Readonly<Record<string, string>>): Child {
    const child = new Child(argv, env);
    this.#children.push(child);
    return child;
  }

  mesos(...argv: readonly string[]): Child {
    return this.start([process.execPath, MESOS, ...argv]);
  }

  /** One of the programs beside this file, run against `dist/`. */
  program(name: string): string {
    return join(PROGRAMS, name);
  }

  async master(flags: Flags = {}): Promise<Daemon> {
    const child = this.masterProcess(flags);
    return { child, address: await serving(child) };
  }

  masterProcess(flags: Flags): Child {
    return this.mesos(
      'master',
      ...words({
        port: '0',
        work_dir: this.path('master'),
        allocation_interval: '100ms',
        trace_file: this.#trace('master'),
        ...flags,
      }),
    );
  }

  /** Resolves when the agent serves, which is while it recovers. */
  async agent(master: Daemon, flags: Flags = {}): Promise<Daemon> {
    const child = this.agentProcess(master, flags);
    return { child, address: await serving(child) };
  }

  /** With a program that Node.js loads first, if given. */
  agentProcess(master: Daemon, flags: Flags, first?: Preloaded): Child {
    const program = first ? ['--import', this.program(first.program), MODULES] : [MESOS];
    const argv = [process.execPath, ...program, 'agent'];
    return this.start(
      [
        ...argv,
        ...words({
          master: master.address,
          port: '0',
          work_dir: this.path('agent'),
          runtime_dir: this.path('run'),
          resources: 'cpus:64;mem:65536;disk:1024',
          registration_backoff_factor: `${BACKOFF_MS}ms`,
          trace_file: this.#trace('agent'),
          ...flags,
        }),
      ],
      first?.env,
    );
  }

  async scheduler(options: RealSchedulerOptions): Promise<RealScheduler> {
    const traceFile = this.#trace('scheduler');
    const scheduler = await RealScheduler.start({ traceFile, ...options });
    this.#disposers.push(() => scheduler[Symbol.asyncDispose]());
    return scheduler;
  }

  /** A small file system of its own at `path(name)`. */
  tmpfs(name: string, size: string): string {
    const path = this.path(name);
    mkdirSync(path);
    const { status, stderr } = spawnSync('mount', [
      '-t',
      'tmpfs',
      '-o',
      `size=${size}`,
      'tmpfs',
      path,
    ]);
    if (status !== 0) {
      throw new Error(`Failed to mount a tmpfs, which needs root: ${String(stderr).trim()}`);
    }
    this.#mounts.push(path);
    return path;
  }

  /** Waits for what nobody tells of, such as the end of a process that is not our child. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + UNTIL_MS_MAX;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`Waited in vain: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** What runs below the directory of this test. */
  processes(): string[] {
    return processesNaming(this.directory).map(commandOf);
  }

  #trace(name: string): string {
    const path = this.path(`${name}-${this.#traces.length}.trace`);
    this.#traces.push(path);
    return path;
  }

  /** All ends, and what it said and heard is held against the invariants of libprocess. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const dispose of this.#disposers.reverse()) await dispose();
    await Promise.all(this.#children.map((child) => child.kill()));
    await this.until('all processes of the test end', () => {
      const left = processesNaming(this.directory);
      for (const pid of left) endProcess(pid);
      return left.length === 0;
    });
    for (const path of this.#mounts) spawnSync('umount', ['-l', path]);
    const { violations } = await checkTraces(this.#traces.filter((path) => existsSync(path)));
    if (violations.length > 0)
      throw new Error(JSON.stringify(violations.slice(0, 5), undefined, 2));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const words = (flags: Flags): string[] =>
  Object.entries(flags).map(([name, value]) => `--${name}=${value}`);

async function serving(child: Child): Promise<string> {
  const [, address = ''] = await child.said(/is listening as [^@\s]+@(\S+)/);
  return address;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** A port that was free a moment ago, for daemons that come back to the port they had. */
export function freePort(): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(String(port)));
    });
  });
}
