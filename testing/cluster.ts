import type { Agent } from '../agent/start-agent.ts';
import { AGENT_FLAG_DEFAULTS, type AgentFlags } from '../agent/flags.ts';
import {
  installLauncher,
  openSimLauncher,
} from '../agent/containerizer/launcher/sim/sim-launcher.ts';
import { composeAgent } from '../cli/compose-agent.ts';
import { StandaloneDetector } from '../common/detector.ts';
import type { ProcessManager } from '../libprocess/process-manager.ts';
import { startNode } from '../libprocess/start-node.ts';
import { Simulation, type Machine, type SimNode } from '../libprocess/sim/index.ts';
import { UPID } from '../libprocess/upid.ts';
import { startMaster, type MasterFlags } from '../master/index.ts';
import type { FrameworkInfo } from '../proto/index.ts';
import { InMemoryStorage } from '../master/registrar/in-memory/in-memory-storage.ts';
import { Mail } from './mail.ts';
import { TestScheduler, type TestSchedulerOptions } from './test-scheduler.ts';
import { testExecutorProgram, TEST_EXECUTOR } from './test-executor.ts';

export const MASTER_PORT = 5050;
export const AGENT_PORT = 5051;

/** One agent through all its lives. */
export interface AgentMember {
  readonly machine: Machine;
  readonly flags: AgentFlags;
  /** Who leads, as this agent is told. */
  detector: StandaloneDetector;
  /** Of the life that is. */
  process: SimNode;
  node: ProcessManager;
  agent: Agent;
}

export interface SchedulerMember {
  readonly machine: Machine;
  readonly process: SimNode;
  readonly node: ProcessManager;
  readonly scheduler: TestScheduler;
}

export interface ClusterOptions {
  readonly seed?: number;
  /** A world that is there already; then `seed` says nothing. */
  readonly sim?: Simulation;
  readonly master?: Partial<MasterFlags>;
  /** Of the master's machine: two clusters of one world have two. */
  readonly name?: string;
}

/** A simulated cluster of real masters, agents, executors and drivers. */
export class Cluster {
  readonly sim: Simulation;
  /** Outlives each master. */
  readonly registry = new InMemoryStorage();
  readonly masterMachine: Machine;
  /** Of masters, agents and schedulers. */
  readonly mail = new Mail();
  readonly failures: string[] = [];
  readonly agents: AgentMember[] = [];
  readonly #flags: Partial<MasterFlags>;
  #master: SimNode | undefined;
  #node: ProcessManager | undefined;

  private constructor({ seed = 0, sim, master = {}, name = 'master' }: ClusterOptions) {
    this.sim = sim ?? new Simulation({ seed });
    installLauncher(this.sim.programs);
    this.sim.programs.define(TEST_EXECUTOR, testExecutorProgram);
    this.masterMachine = this.sim.machine({ name });
    this.#flags = master;
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = new Cluster(options);
    await cluster.startMaster();
    return cluster;
  }

  get master(): UPID {
    return new UPID('master', `${this.masterMachine.ip}:${MASTER_PORT}`);
  }

  /** The node of the running master. */
  get masterNode(): ProcessManager {
    if (!this.#node) throw new Error('The master runs');
    return this.#node;
  }

  /** The running master's. */
  get masterProcess(): SimNode {
    if (!this.#master) throw new Error('The master runs');
    return this.#master;
  }

  async startMaster(): Promise<void> {
    this.#master = this.sim.boot(this.masterMachine);
    const { runtime } = this.#master;
    const { ip } = this.masterMachine;
    this.#node = await this.sim.complete(startNode({ runtime, ip, port: MASTER_PORT }));
    this.mail.attach(this.#node);
    startMaster({
      node: this.#node,
      flags: this.#flags,
      storage: this.registry,
      onFailure: (reason) => this.failures.push(reason),
    });
    await this.sim.settle();
  }

  killMaster(): void {
    if (this.#master) this.sim.kill(this.#master);
  }

  /** An agent that has registered. */
  async agent(flags: Partial<AgentFlags> = {}): Promise<AgentMember> {
    const machine = this.sim.machine();
    const all: AgentFlags = {
      ...AGENT_FLAG_DEFAULTS,
      workDirectory: '/var/lib/mesos',
      runtimeDirectory: '/var/run/mesos',
      hostname: machine.name,
      resources: 'cpus:4;mem:4096;disk:10000;ports:[31000-32000]',
      ...flags,
    };
    const member: AgentMember = { machine, flags: all, ...(await this.#boot(machine, all)) };
    this.agents.push(member);
    return member;
  }

  async #boot(
    machine: Machine,
    flags: AgentFlags,
  ): Promise<Pick<AgentMember, 'process' | 'node' | 'agent' | 'detector'>> {
    const process = this.sim.boot(machine);
    const { runtime } = process;
    const node = await this.sim.complete(startNode({ runtime, ip: machine.ip, port: AGENT_PORT }));
    this.mail.attach(node);
    const detector = new StandaloneDetector(this.master);
    const agent = await this.sim.complete(
      composeAgent({
        node,
        flags,
        detector,
        launcher: (of) =>
          openSimLauncher(of, {
            runtimeDirectory: flags.runtimeDirectory,
            recoveryTimeoutMs: flags.recoveryTimeoutMs,
          }),
      }),
    );
    return { process, node, agent, detector };
  }

  /** `kill -9`: its tasks live on. */
  killAgent(member: AgentMember): void {
    this.sim.kill(member.process);
  }

  /** Another life of an agent that was killed, with other flags if given. */
  async restartAgent(member: AgentMember, flags: Partial<AgentFlags> = {}): Promise<void> {
    Object.assign(member, await this.#boot(member.machine, { ...member.flags, ...flags }));
  }

  /** A scheduler that has subscribed. */
  async scheduler(options: Partial<TestSchedulerOptions> = {}): Promise<SchedulerMember> {
    const machine = this.sim.machine();
    const process = this.sim.boot(machine);
    const { runtime } = process;
    const node = await this.sim.complete(startNode({ runtime, ip: machine.ip }));
    this.mail.attach(node);
    const framework: FrameworkInfo = { user: 'root', name: 'test', ...options.framework };
    const scheduler = new TestScheduler({ master: this.master.address, ...options, framework });
    node.spawn(scheduler);
    await this.sim.until(() => scheduler.registrations > 0, 60_000);
    return { machine, process, node, scheduler };
  }
}
