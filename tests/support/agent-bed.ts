import { AGENT_FLAG_DEFAULTS, type AgentFlags } from '../../agent/flags.ts';
import {
  installLauncher,
  openSimLauncher,
} from '../../agent/containerizer/launcher/sim/sim-launcher.ts';
import type { Agent } from '../../agent/start-agent.ts';
import { composeAgent } from '../../cli/compose-agent.ts';
import { StandaloneDetector } from '../../common/detector.ts';
import type { MessageType } from '../../libprocess/message.ts';
import type { ProcessManager } from '../../libprocess/process-manager.ts';
import { ProtobufProcess } from '../../libprocess/protobuf-process.ts';
import { Simulation, type Machine, type SimNode } from '../../libprocess/sim/index.ts';
import { startNode } from '../../libprocess/start-node.ts';
import type { UPID } from '../../libprocess/upid.ts';
import {
  RunTaskMessage,
  type CommandInfo,
  type FrameworkInfo,
  type TaskInfo,
} from '../../proto/index.ts';
import { AGENT_PORT } from '../../testing/cluster.ts';
import { MASTER_PORT } from '../../testing/sim-master.ts';
import { FakeMaster } from './fake-master.ts';
import { testExecutorProgram, TEST_EXECUTOR } from '../../testing/test-executor.ts';

export const FRAMEWORK_ID = 'framework-0000';
export const AGENT_ID = 'agent-S0';

export const CHECKPOINTING: FrameworkInfo = {
  user: 'root',
  name: 'test',
  id: { value: FRAMEWORK_ID },
  checkpoint: true,
};

/** Any process at all: it sends what its test says, as itself. */
export class Stranger extends ProtobufProcess {
  tell<M>(to: UPID, type: MessageType<M>, message: M): void {
    this.send(to, type, message);
  }
}

/** One life of an agent. */
export interface AgentLife {
  readonly process: SimNode;
  readonly node: ProcessManager;
  readonly agent: Agent;
}

/** One real agent on a simulated machine, under a master that only its test speaks for. */
export class AgentBed {
  readonly sim: Simulation;
  readonly machine: Machine;
  readonly flags: AgentFlags;
  readonly detector: StandaloneDetector;
  readonly master = new FakeMaster();
  readonly masterNode: ProcessManager;
  #life: AgentLife | undefined;

  private constructor(sim: Simulation, masterNode: ProcessManager, flags: Partial<AgentFlags>) {
    this.sim = sim;
    this.masterNode = masterNode;
    this.machine = sim.machine();
    this.detector = new StandaloneDetector(masterNode.spawn(this.master));
    this.flags = {
      ...AGENT_FLAG_DEFAULTS,
      workDirectory: '/var/lib/mesos',
      runtimeDirectory: '/var/run/mesos',
      hostname: 'agent',
      resources: 'cpus:4;mem:4096;disk:10000;ports:[31000-32000]',
      ...flags,
    };
  }

  static async start(flags: Partial<AgentFlags> = {}): Promise<AgentBed> {
    const sim = new Simulation({ seed: 0 });
    installLauncher(sim.programs);
    sim.programs.define(TEST_EXECUTOR, testExecutorProgram);
    const machine = sim.machine({ name: 'master' });
    const { runtime } = sim.boot(machine);
    const node = await sim.complete(startNode({ runtime, ip: machine.ip, port: MASTER_PORT }));
    const bed = new AgentBed(sim, node, flags);
    await bed.startAgent();
    return bed;
  }

  /** One that has registered. */
  static async registered(flags: Partial<AgentFlags> = {}): Promise<AgentBed> {
    const bed = await AgentBed.start(flags);
    await bed.until(() => bed.said('Registered'));
    return bed;
  }

  get life(): AgentLife {
    if (!this.#life) throw new Error('The agent runs');
    return this.#life;
  }

  async startAgent(flags: Partial<AgentFlags> = {}): Promise<void> {
    const process = this.sim.boot(this.machine);
    const { runtime } = process;
    const { ip } = this.machine;
    const node = await this.sim.complete(startNode({ runtime, ip, port: AGENT_PORT }));
    const agent = await this.sim.complete(
      composeAgent({
        node,
        flags: { ...this.flags, ...flags },
        detector: this.detector,
        launcher: (of) =>
          openSimLauncher(of, {
            runtimeDirectory: this.flags.runtimeDirectory,
            recoveryTimeoutMs: this.flags.recoveryTimeoutMs,
          }),
      }),
    );
    this.#life = { process, node, agent };
  }

  /** `kill -9`. */
  killAgent(): void {
    this.sim.kill(this.life.process);
  }

  async until(condition: () => boolean): Promise<void> {
    await this.sim.until(condition, 120_000);
  }

  said(message: string): boolean {
    return this.sim.logs.some((line) => line.message === message);
  }

  run(task: TaskInfo, more: Partial<RunTaskMessage> = {}): void {
    const framework = more.framework ?? CHECKPOINTING;
    this.master.tell(RunTaskMessage, { framework, task, ...more });
  }

  /** A process of its own on another machine. */
  async stranger(): Promise<Stranger> {
    const machine = this.sim.machine();
    const { runtime } = this.sim.boot(machine);
    const node = await this.sim.complete(startNode({ runtime, ip: machine.ip }));
    const stranger = new Stranger('stranger');
    node.spawn(stranger);
    return stranger;
  }

  /** All paths on the agent's machine below `directory`. */
  async pathsBelow(directory: string): Promise<readonly string[]> {
    const { disk } = this.life.process.runtime;
    const list = async (path: string): Promise<string[]> => {
      const entries = await disk.readDirectory(path).catch(() => []);
      const below = await Promise.all(
        entries.map(async ({ name, kind }) => [
          `${path === '/' ? '' : path}/${name}`,
          ...(kind === 'directory' ? await list(`${path === '/' ? '' : path}/${name}`) : []),
        ]),
      );
      return below.flat();
    };
    return this.sim.complete(list(directory));
  }
}

/** A command task. */
export function commandTask(id: string, command: CommandInfo = { value: 'sleep 1000' }): TaskInfo {
  return {
    name: id,
    task_id: { value: id },
    slave_id: { value: AGENT_ID },
    resources: [scalar('cpus', 0.1), scalar('mem', 32)],
    command,
  };
}

/** A task of a custom executor; `data` is what `TestExecutor` goes by. */
export function executorTask(id: string, executor = 'custom', data = ''): TaskInfo {
  return {
    name: id,
    task_id: { value: id },
    slave_id: { value: AGENT_ID },
    resources: [scalar('cpus', 0.1), scalar('mem', 32)],
    data: new TextEncoder().encode(data),
    executor: {
      executor_id: { value: executor },
      command: { shell: false, value: TEST_EXECUTOR },
    },
  };
}

const scalar = (name: string, value: number) => ({
  name,
  type: 'SCALAR' as const,
  scalar: { value },
});
