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

/** The host of the recordings, simulated: a master and an agent on the loopback address. */
export class RecordedHost {
  readonly sim = new Simulation({ seed: 1 });
  readonly machine: Machine = this.sim.machine({ name: 'localhost', ip: IP });
  /** All that was said so far, in order. */
  readonly said: Spoken[] = [];
  readonly #registry = new InMemoryStorage();
  readonly #flags: Partial<MasterFlags>;
  readonly #listening = new Map<string, SimNode>();
  #master: SimNode | undefined;
  #agent: SimNode | undefined;
  #running: Agent | undefined;

  private constructor(flags: Partial<MasterFlags>) {
    this.#flags = { ...MASTER_FLAGS, ...flags };
    installLauncher(this.sim.programs);
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
    startMaster({ node, flags: this.#flags, storage: this.#registry });
    await this.sim.settle();
  }

  killMaster(): void {
    if (this.#master) this.sim.kill(this.#master);
  }

  async startAgent(flags: Partial<AgentFlags> = {}): Promise<void> {
    this.#agent = this.sim.boot(this.machine);
    const node = await this.#listen(this.#agent, AGENT_PORT);
    this.#running = await this.sim.complete(
      composeAgent({
        node,
        flags: { ...AGENT_FLAGS, ...flags },
        detector: new StandaloneDetector(MASTER),
        launcher: (of, { runtimeDirectory, recoveryTimeoutMs }) =>
          openSimLauncher(of, { runtimeDirectory, recoveryTimeoutMs }),
      }),
    );
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

  /** Makes the shell command `path` an executor, which like C++ ones ends only when it is killed. */
  installExecutor(path: string, make: () => ExecutorProcess): void {
    this.#shell((context) => {
      if (context.argv[2] !== path) {
        shellProgram(context);
        return;
      }
      void startNode({ runtime: context.runtime, ip: IP }).then((node) => {
        this.#tap(node);
        node.spawn(make());
      });
    });
  }

  /** Makes the command of one task take longer than those of others. */
  delayCommand(taskId: string, delayMs: Millis): void {
    this.#shell((context) => {
      const late = context.environment['MESOS_EXECUTOR_ID'] === taskId;
      context.runtime.clock.timer(late ? delayMs : 0, () => shellProgram(context));
    });
  }

  #shell(program: Program): void {
    this.sim.programs.define('/bin/sh', program);
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
