import type { AgentFlags } from '../agent/flags.ts';
import { printDuration, type Duration } from '../libprocess/duration.ts';
import type { ExecutorProcess } from '../executor/executor-process.ts';
import type { MessageType } from '../libprocess/message.ts';
import { Simulation, type Machine } from '../libprocess/sim/index.ts';
import type { Latency } from '../libprocess/sim/network/link-conditions.ts';
import type { Program, ProgramContext } from '../libprocess/sim/subprocess/program.ts';
import type { MasterFlags } from '../master/index.ts';
import type { SchedulerProcess } from '../scheduler-driver/scheduler-process.ts';
import { Cluster } from './cluster.ts';
import { clusterState, masterOn, type ClusterState } from './cluster-state.ts';
import { spanMs } from './duration.ts';
import { TestClusterError } from './errors.ts';
import { executorProgram } from './executor-program.ts';
import { FrameworkHost } from './framework-host.ts';
import { History } from './history.ts';
import type { Withheld } from './filters/caught.ts';
import type { Filters } from './filters/filters.ts';
import { messageType, type BodyOf, type MessageName } from './message-names.ts';
import { Partitions } from './partitions.ts';
import { report } from './report.ts';
import { TestAgent } from './test-agent.ts';
import type { HostWorld, TestHost } from './test-host.ts';
import { TestMaster } from './test-master.ts';
import { Timeline } from './timeline.ts';
import { selector, type WhichMessages } from './which-messages.ts';

/** What a cluster consists of. */
export interface TestClusterOptions {
  /** How many, or the flags of each. `resources` is `cpus:4;mem:4096;disk:10000;ports:[31000-32000]` unless given. Default: 1. */
  readonly agents?: number | readonly Partial<AgentFlags>[];
  /** Of the master. */
  readonly master?: Partial<MasterFlags>;
  /** Decides what the test does not: latencies, ids, orders, what a power cut leaves. Default: 0. */
  readonly seed?: number;
  /** Of each way between two machines. Default: 0.2 to 2 ms. */
  readonly latency?: Latency;
  /**
   * False: `advance` and `until` take as long as they say, in step with the real clock, for
   * frameworks that wait for something outside of the cluster. Such runs do not replay. Default: true.
   */
  readonly virtualTime?: boolean;
}

/** How a framework is run in the cluster. */
export interface RunOptions {
  /** Of its machine. Default: `framework-1`, `framework-2` ... */
  readonly name?: string;
  /** How long to wait until it has registered. Default: 1 minute of the cluster's time. */
  readonly within?: Duration;
}

/**
 * A cluster of one master and its agents in this thread, for tests of frameworks: real masters,
 * agents and drivers in a simulated world. Its time moves only while the test awaits one of its
 * methods, one at a time. `testCluster` makes one; who makes it closes it. Needs no test runner.
 */
export class TestCluster implements AsyncDisposable {
  /** The world, for faults of disks, links and clocks that have no method here. */
  readonly sim: Simulation;
  readonly master: TestMaster;
  readonly #agents: TestAgent[] = [];
  #agentCount = 0;
  readonly #frameworks = new Map<SchedulerProcess, FrameworkHost>();
  readonly #world: HostWorld;
  readonly #history: History;

  private constructor(cluster: Cluster, timeline: Timeline) {
    this.sim = cluster.sim;
    this.#world = {
      cluster,
      timeline,
      partitions: new Partitions(cluster.sim),
      hosts: () => [this.master, ...this.#agents, ...this.#frameworks.values()],
    };
    this.#history = new History(cluster.sim, cluster.mail);
    this.master = new TestMaster(this.#world);
    this.#history.name(this.master.ip, this.master.name);
  }

  /** @internal `testCluster` is the way to it. */
  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const { agents = 1, master = {}, seed = 0, latency, virtualTime = true } = options;
    const flags = flagsOf(agents);
    const sim = new Simulation({ seed, ...(latency && { latency }) });
    const made: { cluster?: TestCluster } = {};
    const onMasterFailure = (reason: string): void => made.cluster?.master.failed(reason);
    const cluster = await Cluster.start({ sim, master, onMasterFailure });
    made.cluster = new TestCluster(cluster, new Timeline(sim, virtualTime));
    for (const each of flags) await made.cluster.#addAgent(each);
    await sim.until(
      () => made.cluster?.agents.every(({ active }) => active) ?? false,
      START_MS_MAX,
    );
    return made.cluster;
  }

  /** `ip:port`, for the `master` option of schedulers. */
  get masterAddress(): string {
    return this.master.address;
  }

  /** In the order in which they were added. */
  get agents(): readonly TestAgent[] {
    return this.#agents;
  }

  /** Milliseconds of the cluster's time since it began, starting included. */
  get nowMs(): number {
    return this.sim.nowMs;
  }

  /** Of all nodes of the cluster: see and lose not messages alone, but calls, requests and exits as well. */
  get filters(): Filters {
    return this.#world.cluster.mail.filters;
  }

  /** An agent by its position, its name (`agent-1`) or the id it has now. Throws if there is none. */
  agent(which: number | string): TestAgent {
    const found =
      typeof which === 'number'
        ? this.#agents[which]
        : this.#agents.find(({ name, id }) => name === which || id === which);
    if (found) return found;
    const names = this.#agents.map(({ name }) => name).join(', ') || 'none';
    throw new TestClusterError('UNKNOWN', `No agent '${which}': there are ${names}`);
  }

  /** One more; resolves when it has registered, or fails after a minute of the cluster's time. */
  async addAgent(flags: Partial<AgentFlags> = {}): Promise<TestAgent> {
    const agent = await this.#world.timeline.exclusively('add an agent', () =>
      this.#addAgent(flags),
    );
    await this.until(() => agent.active, { within: '1mins', what: `'${agent.name}' registers` });
    return agent;
  }

  async #addAgent(flags: Partial<AgentFlags>): Promise<TestAgent> {
    const { cluster } = this.#world;
    this.#agentCount += 1; // Of those that could not start, too: names are taken once.
    const machine = this.sim.machine({ name: `agent-${this.#agentCount}` });
    const agent = new TestAgent(this.#world, await cluster.agent(flags, machine));
    this.#history.name(agent.ip, agent.name);
    this.#agents.push(agent);
    return agent;
  }

  /**
   * Starts a scheduler on a machine of its own; resolves to it once it has registered or stopped.
   * An instance runs once: for a failover run another one with the same framework id.
   */
  async run<S extends SchedulerProcess>(scheduler: S, options: RunOptions = {}): Promise<S> {
    const { timeline, cluster } = this.#world;
    const { name = `framework-${this.#frameworks.size + 1}`, within = '1mins' } = options;
    const what = `run '${name}'`;
    if (this.#frameworks.has(scheduler)) {
      throw new TestClusterError('RUNNING', `Failed to ${what}: this instance has run already`);
    }
    const errors = cluster.mail.watch(
      messageType('FrameworkErrorMessage') as MessageType<BodyOf<'FrameworkErrorMessage'>>,
      (_, { to }) => to.id === scheduler.id,
    );
    const machine = (): Machine => this.sim.machine({ name });
    const member = await timeline.exclusively(what, () => cluster.run(scheduler, machine()));
    const host = new FrameworkHost(this.#world, member);
    this.#frameworks.set(scheduler, host);
    this.#history.name(host.ip, host.name);
    const settled = (): boolean => scheduler.connected || ENDED.has(scheduler.status);
    const came = await timeline.run(what, spanMs(within), settled);
    if (scheduler.status === 'DRIVER_ABORTED') {
      const why = errors.map(({ message }) => message).join() || 'it was told why by error()';
      throw this.#failure('ABORTED', `'${name}' has aborted: ${why}`);
    }
    if (came) return scheduler;
    const heard = this.#history.count(host.address, this.masterAddress);
    const saw = `the master got ${heard} messages of it`;
    const advice =
      heard === 0 ? `; was it given cluster.masterAddress, ${this.masterAddress}?` : '';
    const waited = printDuration(spanMs(within));
    throw this.#failure('NEVER', `'${name}' has not registered in ${waited}: ${saw}${advice}`);
  }

  /** The machine of a scheduler that was `run` here: to kill it, or to cut it off. */
  hostOf(scheduler: SchedulerProcess): FrameworkHost {
    const host = this.#frameworks.get(scheduler);
    if (host) return host;
    throw new TestClusterError('UNKNOWN', 'This scheduler has not been run on this cluster');
  }

  /**
   * Puts a program on all machines, which tasks find by its path or, in a directory of the search
   * path such as `/usr/bin`, by its name.
   */
  program(path: string, program: Program): void {
    this.#world.timeline.requireOpen(`define '${path}'`);
    if (!path.startsWith('/')) {
      throw new TestClusterError('INVALID', `Invalid program '${path}': give an absolute path`);
    }
    this.sim.programs.define(path, program);
  }

  /** As `program`, for a custom executor. `make` is called for each process that an agent starts. */
  executor(path: string, make: (context: ProgramContext) => ExecutorProcess): void {
    this.program(
      path,
      executorProgram(make, (node) => this.#world.cluster.mail.attach(node)),
    );
  }

  /** Lets time pass: `advance('10secs')`, or milliseconds. What a handler throws is thrown here. */
  async advance(span: Duration): Promise<void> {
    await this.#world.timeline.run('advance', spanMs(span));
  }

  /**
   * Lets time pass until `condition` holds; it is asked between any two events. Throws what it
   * throws, and after `within` (default: 10 minutes of the cluster's time) an error that says what
   * the cluster last did. What a handler of any process throws is thrown here, too.
   */
  async until(
    condition: () => boolean,
    { within = '10mins', what }: { readonly within?: Duration; readonly what?: string } = {},
  ): Promise<void> {
    const holds = (): boolean => {
      const answer: unknown = condition();
      if (typeof answer === 'boolean') return answer;
      throw new TestClusterError('INVALID', 'Invalid condition: it answers no boolean');
    };
    if (await this.#world.timeline.run('wait', spanMs(within), holds)) return;
    const waited = `Waited ${printDuration(spanMs(within))} in vain`;
    throw this.#failure('NEVER', what === undefined ? waited : `${waited} until ${what}`);
  }

  /** For `assertions(cluster)`: as `until`, but in vain it is false. */
  waitUntil(done: () => boolean, withinMs: number): Promise<boolean> {
    return this.#world.timeline.run('wait', withinMs, done);
  }

  /** Lets time pass until `promise` settles, and gives its outcome. As `until` otherwise. */
  async complete<T>(promise: PromiseLike<T>, within: Duration = '10mins'): Promise<T> {
    let settled = false;
    const note = (): void => void (settled = true);
    promise.then(note, note);
    await this.until(() => settled, { within, what: 'the promise settles' });
    return promise;
  }

  /**
   * Messages of a type do not arrive until it is stopped, which disposing does: all of them, or those
   * that `which` says. Each hop is a message of its own: say `from` or `to` where it matters.
   */
  drop<N extends MessageName>(name: N, which?: WhichMessages<BodyOf<N>>): Withheld<BodyOf<N>>;
  drop<M>(type: MessageType<M>, which?: WhichMessages<M>): Withheld<M>;
  drop(what: string | MessageType<unknown>, which: WhichMessages<unknown> = {}): Withheld<unknown> {
    this.#world.timeline.requireOpen('drop messages');
    const { count } = which;
    const options = { when: selector(which), ...(count !== undefined && { count }) };
    return this.#world.cluster.mail.withhold(messageType(what), options);
  }

  /** The messages of a type that come from now on, oldest first; it grows. Also those dropped. */
  watch<N extends MessageName>(name: N, which?: WhichMessages<BodyOf<N>>): readonly BodyOf<N>[];
  watch<M>(type: MessageType<M>, which?: WhichMessages<M>): readonly M[];
  watch(
    what: string | MessageType<unknown>,
    which: WhichMessages<unknown> = {},
  ): readonly unknown[] {
    this.#world.timeline.requireOpen('watch messages');
    return this.#world.cluster.mail.watch(messageType(what), selector(which));
  }

  /** Nothing passes from the ones to the others, nor back unless `oneWay`, until `heal`. */
  partition(
    from: readonly TestHost[],
    to: readonly TestHost[],
    { oneWay = false }: { readonly oneWay?: boolean } = {},
  ): void {
    this.#world.timeline.requireOpen('partition');
    const ips = (hosts: readonly TestHost[]): readonly string[] => hosts.map(({ ip }) => ip);
    this.#world.partitions.add({ from: ips(from), to: ips(to), oneWay });
  }

  /** Ends every partition. */
  heal(): void {
    this.#world.timeline.requireOpen('heal');
    this.#world.partitions.heal();
  }

  /** What the master knows now, as `/state` shows it. Throws while no master runs. */
  state(): ClusterState {
    this.#world.timeline.requireOpen('look at the state');
    const state = this.#stateNow();
    if (state) return state;
    const message = `Nobody knows the state: the master does not run (${this.master.ended})`;
    throw new TestClusterError('NOT_RUNNING', message);
  }

  /** Ends all that runs. Futures that are still pending stay so. Closing twice is harmless. */
  close(): Promise<void> {
    const { timeline, hosts } = this.#world;
    if (!timeline.closed) {
      timeline.close();
      for (const host of hosts()) host.powerOff();
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #stateNow(): ClusterState | undefined {
    const master = this.master.running ? masterOn(this.#world.cluster.masterNode) : undefined;
    return master && clusterState(master);
  }

  #failure(code: 'NEVER' | 'ABORTED', message: string): TestClusterError {
    const state = this.#stateNow();
    const seen = report(this.sim, { hosts: this.#world.hosts(), state, history: this.#history });
    return new TestClusterError(code, `${message}\n${seen}`);
  }
}

/**
 * Starts a cluster for a test; resolves when all agents have registered.
 *
 * ```ts
 * await using cluster = await testCluster({ agents: 3, seed: 1 });
 * const framework = await cluster.run(new MyFramework(cluster.masterAddress));
 * await cluster.until(() => framework.finished === 5);
 * ```
 */
export function testCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  return TestCluster.start(options);
}

function flagsOf(agents: number | readonly Partial<AgentFlags>[]): readonly Partial<AgentFlags>[] {
  if (typeof agents !== 'number') return agents;
  if (Number.isInteger(agents) && agents >= 0) return Array.from({ length: agents }, () => ({}));
  throw new TestClusterError('INVALID', `Invalid number of agents: ${agents}`);
}

const START_MS_MAX = 60_000;
const ENDED: ReadonlySet<string> = new Set(['DRIVER_STOPPED', 'DRIVER_ABORTED']);
