import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildDaemon } from '../../cli/local/child-daemon.ts';
import { SILENT_LOGGER } from '../../libprocess/logger.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { startNode, type ProcessManager } from '../../libprocess/index.ts';
import { BenchScheduler } from './bench-scheduler.ts';

/**
 * Where `--runtime_dir` is on ordinary hosts, whose `/run` is a tmpfs: in memory. Elsewhere what is removed
 * there weighs on what others create: for minutes ext4 passes over each inode that was freed.
 */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** Room for some thousand tasks. */
const RESOURCES = 'cpus:1000;mem:1048576;disk:1024';
const POLL_MS = 2;

/** A master and an agent as subprocesses; this process is the framework. */
export class ClusterBench implements AsyncDisposable {
  readonly scheduler: BenchScheduler;
  readonly #directory: string;
  readonly #runtimeDirectory: string;
  readonly #node: ProcessManager;
  readonly #master: ChildDaemon;
  #agent: ChildDaemon;

  private constructor(parts: {
    directory: string;
    runtimeDirectory: string;
    node: ProcessManager;
    master: ChildDaemon;
    agent: ChildDaemon;
  }) {
    this.#directory = parts.directory; // Removed with the rest when all benchmarks are over.
    this.#runtimeDirectory = parts.runtimeDirectory;
    this.#node = parts.node;
    this.#master = parts.master;
    this.#agent = parts.agent;
    this.scheduler = new BenchScheduler(parts.master.address);
    void this.scheduler.run(parts.node);
  }

  /** `masterFlags` besides those that every master needs. */
  static async open(...masterFlags: readonly string[]): Promise<ClusterBench> {
    const directory = mkdtempSync(join(tmpdir(), 'bench-cluster-'));
    const work = `--work_dir=${join(directory, 'master', 'work')}`;
    const master = await start(directory, 'master', ['--port=0', work, ...masterFlags]);
    const runtimeDirectory = mkdtempSync(join(MEMORY, 'bench-cluster-'));
    const at = { directory, runtimeDirectory };
    const agent = await startAgent(at, master.address, '0');
    const runtime = nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });
    const node = await startNode({ runtime, ip: '127.0.0.1', port: 0 });
    return new ClusterBench({ ...at, node, master, agent });
  }

  /** `kill -9` of the agent, and another life of it. Resolves when that serves. */
  async restartAgent(): Promise<void> {
    this.#agent.stop('SIGKILL');
    await this.#agent.ended;
    const { address } = this.#agent;
    const port = address.slice(address.lastIndexOf(':') + 1);
    const at = { directory: this.#directory, runtimeDirectory: this.#runtimeDirectory };
    this.#agent = await startAgent(at, this.#master.address, port);
  }

  /** When the agent last logged `message`, as of `Date.now()`; waits for one after `sinceMs`. */
  async logged(message: string, sinceMs: number): Promise<number> {
    const pattern = new RegExp(`^(\\S+) INFO +agent: ${message}\\b`, 'gm');
    for (;;) {
      const log = readFileSync(join(this.#directory, 'agent', 'log'), 'utf8');
      const last = [...log.matchAll(pattern)].at(-1)?.[1];
      if (last !== undefined && Date.parse(last) >= sinceMs) return Date.parse(last);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.scheduler.stop();
    await this.scheduler.join();
    await this.#node[Symbol.asyncDispose]();
    for (const daemon of [this.#agent, this.#master]) {
      daemon.stop('SIGTERM');
      await daemon.ended;
    }
    rmSync(this.#runtimeDirectory, { recursive: true, force: true });
  }
}

function startAgent(
  { directory, runtimeDirectory }: { directory: string; runtimeDirectory: string },
  master: string,
  port: string,
): Promise<ChildDaemon> {
  return start(directory, 'agent', [
    `--master=${master}`,
    `--port=${port}`,
    `--work_dir=${join(directory, 'agent', 'work')}`,
    `--runtime_dir=${runtimeDirectory}`,
    `--resources=${RESOURCES}`,
  ]);
}

function start(
  directory: string,
  name: 'master' | 'agent',
  flags: readonly string[],
): Promise<ChildDaemon> {
  return ChildDaemon.start({
    name,
    argv: [name, ...flags],
    directory: join(directory, name),
    temporary: false,
    verbose: false,
  });
}
