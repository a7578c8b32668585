import {
  installLauncher,
  openSimLauncher,
} from '../../../agent/containerizer/launcher/sim/sim-launcher.ts';
import { shellProgram } from '../../../agent/containerizer/launcher/sim/shell-program.ts';
import { AGENT_FLAG_DEFAULTS, type AgentFlags } from '../../../agent/flags.ts';
import type { Agent } from '../../../agent/start-agent.ts';
import { composeAgent } from '../../../cli/compose-agent.ts';
import { StandaloneDetector } from '../../../common/detector.ts';
import type { Millis } from '../../../libprocess/clock.ts';
import type { ExecutorProcess } from '../../../executor/executor-process.ts';
import type { ProcessManager } from '../../../libprocess/process-manager.ts';
import { Simulation, type Machine, type SimNode } from '../../../libprocess/sim/index.ts';
import type { Program } from '../../../libprocess/sim/index.ts';
import { startNode } from '../../../libprocess/start-node.ts';
import { UPID } from '../../../libprocess/upid.ts';
import { startMaster, type MasterFlags } from '../../../master/index.ts';
import { InMemoryStorage } from '../../../master/registrar/in-memory/in-memory-storage.ts';
import type { SchedulerProcess } from '../../../scheduler-driver/scheduler-process.ts';
import type { Json } from './json.ts';
import { fieldsOf, type Spoken } from './recorded-messages.ts';

const IP = '127.0.0.1';
const MASTER_PORT = 17_050;
const AGENT_PORT = 17_051;
export const MASTER = new UPID('master', `${IP}:${MASTER_PORT}`);

/** Where the recorded agent kept its files; its other flags were the defaults. */
export const AGENT_FLAGS: AgentFlags = {
  ...AGENT_FLAG_DEFAULTS,
  workDirectory: '/var/lib/mesos/agent',
  runtimeDirectory: '/var/run/mesos',
  hostname: 'localhost',
  resources: 'cpus:4;mem:4096;disk:10000;ports:[31000-32000]',
};

/** As in the recordings of libprocess: pings are 2 s apart. */
const MASTER_FLAGS: Partial<MasterFlags> = { hostname: 'localhost', agentPingTimeoutMs: 2_000 };
/** A moment in which nobody says anything but pings. */
const PAUSE_MS: Millis = 500;

export interface AgentOptions {
  /** Of the agent's process. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly attributes?: string;
}

/** The host of the recordings, simulated: a master and an agent on the loopback address. */
export class RecordedHost {
  readonly sim = new Simulation({ seed: 1 });
  readonly machine: Machine = this.sim.machine({ name: 'localhost', ip: IP });
  /** All that was said so far, in order. */
  readonly said: Spoken[] = [];
  readonly #commands = new Map<string, Program>();
  readonly #registry = new InMemoryStorage();
  readonly #flags: Partial<MasterFlags>;
  readonly #listening = new Map<string, SimNode>();
  readonly #nodes: { master?: ProcessManager; agent?: ProcessManager } = {};
  #master: SimNode | undefined;
  #agent: SimNode | undefined;
  #running: Agent | undefined;

  private constructor(flags: Partial<MasterFlags>) {
    this.#flags = { ...MASTER_FLAGS, ...flags };
    installLauncher(this.sim.programs);
    this.sim.programs.define('/bin/sh', (context) => {
      const program = this.#commands.get(context.argv[2] ?? '') ?? shellProgram;
      program(context);
    });
  }

  /** Only the master: the agent is started by the test. */
  static async masterOnly(): Promise<RecordedHost> {
    const host = new RecordedHost({});
    await host.startMaster();
    return host;
  }

  /** A master and an agent that is about to register. */
  static async start(flags: Partial<MasterFlags> = {}): Promise<RecordedHost> {
    const host = new RecordedHost(flags);
    await host.startMaster();
    await host.startAgent();
    return host;
  }

  /** With the agent registered, some time ago. */
  static async settled(flags: Partial<MasterFlags> = {}): Promise<RecordedHost> {
    const host = await RecordedHost.start(flags);
    await host.until(({ name }) => name === 'mesos.internal.PongSlaveMessage');
    await host.sim.advance(PAUSE_MS);
    return host;
  }

  async startMaster(): Promise<void> {
    this.#master = this.sim.boot(this.machine);
    const node = await this.#listen(this.#master, MASTER_PORT);
    this.#nodes.master = node;
    startMaster({ node, flags: this.#flags, storage: this.#registry });
    await this.sim.settle();
  }

  killMaster(): void {
    if (this.#master) this.sim.kill(this.#master);
  }

  async startAgent(options: AgentOptions = {}): Promise<void> {
    const { environment = {}, attributes = '' } = options;
    this.#agent = this.sim.boot(this.machine, { environment });
    const node = await this.#listen(this.#agent, AGENT_PORT);
    this.#nodes.agent = node;
    this.#running = await this.sim.complete(
      composeAgent({
        node,
        flags: { ...AGENT_FLAGS, attributes },
        detector: new StandaloneDetector(MASTER),
        launcher: (of, { runtimeDirectory, recoveryTimeoutMs }) =>
          openSimLauncher(of, { runtimeDirectory, recoveryTimeoutMs }),
      }),
    );
  }

  /** What the master, or the agent, answers to GET. */
  async fetch(of: 'master' | 'agent', path: string): Promise<Json> {
    const node = this.#nodes[of];
    if (!node) throw new Error(`The ${of} runs`);
    const request = { method: 'GET', path, query: {}, headers: {}, body: new Uint8Array(0) };
    const answer = node.http({ ...request, remoteAddress: `${IP}:1` });
    const { body } = await this.sim.complete(answer);
    if (!(body instanceof Uint8Array)) throw new Error(`${path} has a body`);
    return JSON.parse(new TextDecoder().decode(body)) as Json;
  }

  get agent(): Agent {
    if (!this.#running) throw new Error('The agent runs');
    return this.#running;
  }

  killAgent(): void {
    if (this.#agent) this.sim.kill(this.#agent);
  }

  /** Returns what kills it. */
  async runScheduler(scheduler: SchedulerProcess): Promise<() => void> {
    const process = this.sim.boot(this.machine);
    const node = await this.#listen(process, 0);
    node.spawn(scheduler);
    return () => this.sim.kill(process);
  }

  /** Makes a shell command an executor, which like those of C++ ends only when it is killed. */
  installExecutor(command: string, make: () => ExecutorProcess): void {
    this.installCommand(command, ({ runtime }) => {
      void startNode({ runtime, ip: IP }).then((node) => {
        this.#tap(node);
        node.spawn(make());
      });
    });
  }

  /** What a shell command does that is more than the simulated shell can. */
  installCommand(command: string, program: Program): void {
    this.#commands.set(command, program);
  }

  /** Makes the command of one task take longer than those of others. */
  delayCommand(command: string, { task, byMs }: { task: string; byMs: Millis }): void {
    this.installCommand(command, (context) => {
      const late = context.environment['MESOS_EXECUTOR_ID'] === task;
      context.runtime.clock.timer(late ? byMs : 0, () => shellProgram(context));
    });
  }

  /** Runs until something was said. */
  async until(said: (message: Spoken) => boolean): Promise<void> {
    let heard = 0;
    await this.sim.until(() => {
      while (heard < this.said.length) {
        const message = this.said[heard++];
        if (message && said(message)) return true;
      }
      return false;
    }, 120_000);
  }

  async #listen(process: SimNode, port: number): Promise<ProcessManager> {
    const { runtime } = process;
    const node = await this.sim.complete(startNode({ runtime, ip: IP, port }));
    this.#listening.set(node.address, process);
    this.#tap(node);
    return node;
  }

  /** Hears all that a node sends, but for what has no one to go to: a capture shows none of it. */
  #tap(node: ProcessManager): void {
    const send = node.send.bind(node);
    node.send = (message) => {
      const { from, to, name, bytes } = message;
      if (this.#listening.get(to.address)?.alive !== false) {
        const fields = fieldsOf(name, bytes);
        this.said.push({ from: from.toString(), to: to.toString(), name, fields });
      }
      send(message);
    };
  }
}
