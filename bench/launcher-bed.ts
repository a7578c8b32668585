import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEnd, RunSpecification } from '../agent/containerizer/launcher/launcher.ts';
import {
  openNodeLauncher,
  type NodeLauncher,
} from '../agent/containerizer/launcher/node/node-launcher.ts';
import { SILENT_LOGGER } from '../libprocess/logger.ts';
import { NodeNetwork } from '../libprocess/node/node-network.ts';
import { nodeRuntime } from '../libprocess/node/node-runtime.ts';

/** A launcher of this machine below a directory of its own, for one measurement. */
export class LauncherBench implements AsyncDisposable {
  readonly #directory: string;
  readonly #waiting = new Map<string, (end: RunEnd) => void>();
  readonly launcher: NodeLauncher;

  private constructor(directory: string, launcher: NodeLauncher) {
    this.#directory = directory;
    this.launcher = launcher;
    launcher.onEnded((containerId, end) => {
      this.#waiting.get(containerId)?.(end);
      this.#waiting.delete(containerId);
    });
  }

  static async open(): Promise<LauncherBench> {
    const directory = mkdtempSync(join(tmpdir(), 'bench-launcher-'));
    const runtime = nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });
    const options = { runtimeDirectory: join(directory, 'runtime'), recoveryTimeoutMs: 60_000 };
    return new LauncherBench(directory, await openNodeLauncher(runtime, options));
  }

  /** A shell command, as of a command task. */
  run(containerId: string, command: string): RunSpecification {
    const sandbox = join(this.#directory, 'sandboxes', containerId);
    mkdirSync(sandbox, { recursive: true });
    return {
      containerId,
      argv: ['/bin/sh', '-c', command],
      environment: { PATH: '/usr/bin:/bin', MESOS_SANDBOX: sandbox },
      sandbox,
      stdout: join(sandbox, 'stdout'),
      stderr: join(sandbox, 'stderr'),
      checkpoint: false,
    };
  }

  ended(containerId: string): Promise<RunEnd> {
    return new Promise((resolve) => this.#waiting.set(containerId, resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.launcher[Symbol.asyncDispose]();
  }
}
