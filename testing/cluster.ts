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
import type { UPID } from '../libprocess/upid.ts';
import type { Allocator } from '../master/allocator/allocator.ts';
import type { MasterFlags, Storage } from '../master/index.ts';
import type { FrameworkInfo } from '../proto/index.ts';
import { InMemoryStorage } from '../master/registrar/in-memory/in-memory-storage.ts';
import type { SchedulerProcess } from '../scheduler-driver/scheduler-process.ts';
import { Mail } from './mail.ts';
import { SimMaster } from './sim-master.ts';
import { TestScheduler, type TestSchedulerOptions } from './test-scheduler.ts';
import { testExecutorProgram, TEST_EXECUTOR } from './test-executor.ts';

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

/** A scheduler of the cluster, with the machine and the node that it runs on. */
export interface SchedulerMember<S extends SchedulerProcess = TestScheduler> {
  readonly machine: Machine;
  readonly process: SimNode;
  readonly node: ProcessManager;
  readonly scheduler: S;
}

/** What a cluster consists of, for tests that reach below `TestCluster`. */
export interface ClusterOptions {
  readonly seed?: number;
  /** A world that is there already; then `seed` says nothing. */
  readonly sim?: Simulation;
  readonly master?: Partial<MasterFlags>;
  /** Of the master's machine: two clusters of one world have two. */
  readonly name?: string;
  /** The master has ended itself; without this it is noted among the `failures`. */
  readonly onMasterFailure?: (reason: string) => void;
  /** What stands between masters and their registry and allocators, to see what is asked of these. */
  readonly watch?: ClusterWatch;
}

/** What sees all that masters ask of their registry and allocators. */
export interface ClusterWatch {
  readonly storage: (storage: Storage) => Storage;
  readonly allocator: (allocator: Allocator) => Allocator;
}

/** Of an agent on a machine, if nothing else is said. */
export const agentFlagsOn = ({ name }: Machine): AgentFlags => ({
  ...AGENT_FLAG_DEFAULTS,
  workDirectory: '/var/lib/mesos',
  runtimeDirectory: '/var/run/mesos',
  hostname: name,
  resources: 'cpus:4;mem:4096;disk:10000;ports:[31000-32000]',
});

/** A simulated cluster of real masters, agents, executors and drivers. */
export class Cluster {
  readonly sim: Simulation;
  /** Outlives each master. */
  readonly registry = new InMemoryStorage();
  /** Of masters, agents and schedulers. */
  readonly mail = new Mail();
  readonly failures: string[] = [];
  readonly agents: AgentMember[] = [];
  readonly #master: SimMaster<Storage>;

  private constructor(options: ClusterOptions) {
    const { seed = 0, sim, master = {}, name = 'master', watch } = options;
    const { onMasterFailure = (reason: string) => void this.failures.push(reason) } = options;
    this.sim = sim ?? new Simulation({ seed });
    installLauncher(this.sim.programs);
    this.sim.programs.define(TEST_EXECUTOR, testExecutorProgram);
    this.#master = new SimMaster({
      sim: this.sim,
      name,
      registry: watch?.storage(this.registry) ?? this.registry,
      watchAllocator: watch?.allocator,
      flags: master,
      onNode: (node) => this.mail.attach(node),
      onFailure: onMasterFailure,
    });
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = new Cluster(options);
    await cluster.startMaster();
    return cluster;
  }

  get master(): UPID {
    return this.#master.upid;
  }

  get masterMachine(): Machine {
    return this.#master.machine;
  }

  /** The node of the running master. */
  get masterNode(): ProcessManager {
    return this.#master.node;
  }

  /** Of the master's life that is, or of the last. */
  get masterProcess(): SimNode {
    return this.#master.process;
  }

  startMaster(): Promise<void> {
    return this.#master.start();
  }

  killMaster(): void {
    this.#master.kill();
  }

  /** An agent that has been started, on a machine of its own. */
  async agent(flags: Partial<AgentFlags> = {}, machine = this.sim.machine()): Promise<AgentMember> {
    const all: AgentFlags = { ...agentFlagsOn(machine), ...flags };
    const member: AgentMember = { machine, flags: all, ...(await this.#boot(machine, all)) };
    this.agents.push(member);
    return member;
  }

  /**
   * As `agent` and `restartAgent`, for one that may be killed while it starts: it has started when that
   * is ready, or never.
   */
  launchAgent(
    machine: Machine,
    flags: AgentFlags,
  ): { readonly process: SimNode; readonly started: Promise<AgentMember> } {
    const process = this.sim.boot(machine);
    const start = async (): Promise<AgentMember> => {
      const node = await this.#nodeOf(process);
      const life = { process, node, ...(await this.#compose(process, node, flags)) };
      const known = this.agents.find((agent) => agent.machine === machine);
      if (known) return Object.assign(known, life);
      const member: AgentMember = { machine, flags, ...life };
      this.agents.push(member);
      return member;
    };
    return { process, started: start() };
  }

  async #boot(
    machine: Machine,
    flags: AgentFlags,
  ): Promise<Pick<AgentMember, 'process' | 'node' | 'agent' | 'detector'>> {
    const process = this.sim.boot(machine);
    try {
      const node = await this.sim.complete(this.#nodeOf(process));
      return { process, node, ...(await this.sim.complete(this.#compose(process, node, flags))) };
    } catch (error) {
      this.sim.kill(process); // As the command does that could not start it.
      throw error;
    }
  }

  #nodeOf({ runtime, machine }: SimNode): Promise<ProcessManager> {
    return startNode({ runtime, ip: machine.ip, port: AGENT_PORT });
  }

  async #compose(
    process: SimNode,
    node: ProcessManager,
    flags: AgentFlags,
  ): Promise<Pick<AgentMember, 'agent' | 'detector'>> {
    this.mail.attach(node);
    const detector = new StandaloneDetector(this.master);
    const agent = await composeAgent({
      node,
      flags,
      detector,
      launcher: (of) =>
        openSimLauncher(of, {
          runtimeDirectory: flags.runtimeDirectory,
          recoveryTimeoutMs: flags.recoveryTimeoutMs,
        }),
    });
    // As the command does: an agent that cannot go on takes its process with it.
    agent.stopped.onReady((reason) => {
      if (reason !== undefined) this.sim.kill(process);
    });
    return { agent, detector };
  }

  /** `kill -9`: its tasks live on. */
  killAgent(member: AgentMember): void {
    this.sim.kill(member.process);
  }

  /** Another life of an agent that was killed, with other flags if given. */
  async restartAgent(member: AgentMember, flags: Partial<AgentFlags> = {}): Promise<void> {
    Object.assign(member, await this.#boot(member.machine, { ...member.flags, ...flags }));
  }

  /** Runs a scheduler on a machine of its own; it has not subscribed yet. */
  async run<S extends SchedulerProcess>(
    scheduler: S,
    machine = this.sim.machine(),
  ): Promise<SchedulerMember<S>> {
    const process = this.sim.boot(machine);
    const { runtime } = process;
    const node = await this.sim.complete(startNode({ runtime, ip: machine.ip }));
    this.mail.attach(node);
    node.spawn(scheduler);
    return { machine, process, node, scheduler };
  }

  /** A scheduler that has subscribed. */
  async scheduler(options: Partial<TestSchedulerOptions> = {}): Promise<SchedulerMember> {
    const framework: FrameworkInfo = { user: 'root', name: 'test', ...options.framework };
    const master = this.master.address;
    const member = await this.run(new TestScheduler({ master, ...options, framework }));
    await this.sim.until(() => member.scheduler.registrations > 0, 60_000);
    return member;
  }
}
