import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Launcher, RunSpecification } from '../../agent/containerizer/launcher/launcher.ts';
import {
  openNodeLauncher,
  type NodeLauncher,
} from '../../agent/containerizer/launcher/node/node-launcher.ts';
import { isAlive, ProcessTable } from '../../agent/containerizer/process-tree.ts';
import { SILENT_LOGGER } from '../../libprocess/logger.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import type { Runtime } from '../../libprocess/runtime.ts';
import type { Subprocesses } from '../../libprocess/subprocess.ts';
import { LONG_MS, type Behaviour, type LauncherBed } from '../conformance/launcher.ts';

const POLL_MS = 5;
const UNTIL_MS_MAX = 15_000;

/** This machine, below a directory of its own; what was started there ends with it. */
export class RealBed implements LauncherBed {
  readonly directory = mkdtempSync(join(tmpdir(), 'launcher-'));
  readonly runtime: Runtime = nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });
  readonly subprocesses: Subprocesses = this.runtime.subprocesses;
  readonly #launched: { pid: number; startTime: number }[] = [];
  readonly #launcherPids: number[] = [];
  #launcher: NodeLauncher | undefined;

  static make(): Promise<RealBed> {
    return Promise.resolve(new RealBed());
  }

  get runtimeDirectory(): string {
    return join(this.directory, 'runtime');
  }

  async open(options: { readonly recoveryTimeoutMs: number }): Promise<NodeLauncher> {
    const { runtimeDirectory } = this;
    const launcher = await openNodeLauncher(this.runtime, { ...options, runtimeDirectory });
    this.#launcher = launcher;
    const launch = launcher.launch.bind(launcher);
    launcher.launch = (run) => {
      const launched = launch(run).onReady((identity) => this.#launched.push(identity));
      const { pid: launcherPid } = launcher.link;
      if (launcherPid !== undefined) this.#launcherPids.push(launcherPid);
      return launched;
    };
    return launcher;
  }

  /** A disposed launcher leaves its runs exactly as a dead agent does. */
  async crash(): Promise<void> {
    await this.#launcher?.[Symbol.asyncDispose]();
  }

  run(containerId: string, behaviour: Behaviour): RunSpecification {
    return this.shell(containerId, TEXTS[behaviour.does](behaviour));
  }

  shell(containerId: string, text: string): RunSpecification {
    return this.command(containerId, ['/bin/sh', '-c', text]);
  }

  command(containerId: string, argv: RunSpecification['argv']): RunSpecification {
    const sandbox = join(this.directory, 'sandboxes', containerId.replaceAll('/', '_'));
    mkdirSync(sandbox, { recursive: true });
    return {
      containerId,
      argv,
      environment: { PATH: '/usr/bin:/bin', MESOS_SANDBOX: sandbox },
      sandbox,
      stdout: join(sandbox, 'stdout'),
      stderr: join(sandbox, 'stderr'),
      checkpoint: true,
    };
  }

  killWrapper(_launcher: Launcher, pid: number): void {
    this.subprocesses.signal(pid, 'SIGKILL');
  }

  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + UNTIL_MS_MAX;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error('Condition did not come true');
      await this.elapse(POLL_MS);
    }
  }

  elapse(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crash();
    const table = new ProcessTable(this.subprocesses.list());
    for (const leader of this.#launched) {
      const wrapper = table.get(leader.pid);
      if (wrapper?.startTime === leader.startTime && isAlive(wrapper))
        this.subprocesses.signal(leader.pid, 'SIGKILL');
      for (const { pid } of table.members(leader)) this.subprocesses.signal(pid, 'SIGKILL');
    }
    // With nothing left to wait for, the launcher subprocesses end by themselves.
    await this.until(() => this.#launcherPids.every((pid) => !this.#lives(pid)));
    rmSync(this.directory, { recursive: true, force: true });
  }

  #lives(pid: number): boolean {
    const process = this.subprocesses.inspect(pid);
    return process !== undefined && isAlive(process);
  }
}

const seconds = LONG_MS / 1_000;

const TEXTS: Readonly<Record<Behaviour['does'], (behaviour: Behaviour) => string>> = {
  exit: (behaviour) => `exit ${'code' in behaviour ? behaviour.code : 0}`,
  die: (behaviour) => `kill -${'signal' in behaviour ? behaviour.signal : 9} $$`,
  sleep: () => `exec sleep ${seconds}`,
  'ignore-term': () => `trap '' TERM; sleep ${seconds}; sleep ${seconds}`,
  fork: () => `sleep ${seconds} & setsid sleep ${seconds} & sleep ${seconds}`,
  'leave-child': () => `sleep ${seconds} & exit 0`,
};
