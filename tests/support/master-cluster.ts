import { Resources } from '../../common/resources.ts';
import type { ProcessManager } from '../../libprocess/process-manager.ts';
import { startNode } from '../../libprocess/start-node.ts';
import { Simulation, type Machine, type SimNode } from '../../libprocess/sim/index.ts';
import type { UPID } from '../../libprocess/upid.ts';
import type { MasterFlags } from '../../master/index.ts';
import type { ExecutorInfo, RunTaskMessage, Task, TaskInfo, TaskState } from '../../proto/index.ts';
import { SimMaster } from '../../testing/sim-master.ts';
import { FakeAgent, type FakeAgentOptions } from './fake-agent.ts';
import { FakeScheduler, type FakeSchedulerOptions } from './fake-scheduler.ts';
import { HeldStorage } from './held-storage.ts';

/** A simulated node that runs one fake. */
export interface Member<T> {
  readonly actor: T;
  readonly machine: Machine;
  readonly process: SimNode;
  readonly node: ProcessManager;
}

/** A real master in a simulated world, and scripted agents and schedulers around it. */
export class MasterCluster {
  readonly sim: Simulation;
  readonly registry = new HeldStorage();
  readonly failures: string[] = [];
  readonly #master: SimMaster<HeldStorage>;

  private constructor(flags: Partial<MasterFlags>, seed: number) {
    this.sim = new Simulation({ seed });
    const { sim, registry } = this;
    const onFailure = (reason: string): void => void this.failures.push(reason);
    this.#master = new SimMaster({ sim, registry, flags, onFailure });
  }

  static async start(flags: Partial<MasterFlags> = {}, seed = 0): Promise<MasterCluster> {
    const cluster = new MasterCluster(flags, seed);
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
  get node(): ProcessManager {
    return this.#master.node;
  }

  startMaster(): Promise<void> {
    return this.#master.start();
  }

  killMaster(): void {
    this.#master.kill();
  }

  async failOver(): Promise<void> {
    this.killMaster();
    await this.sim.advance(10);
    await this.startMaster();
  }

  /** An agent that has registered. */
  async agent(options: Partial<FakeAgentOptions> = {}): Promise<Member<FakeAgent>> {
    const member = await this.unregisteredAgent(options);
    member.actor.register();
    await this.sim.until(() => member.actor.agentId !== undefined, 1_000);
    return member;
  }

  async unregisteredAgent(options: Partial<FakeAgentOptions> = {}): Promise<Member<FakeAgent>> {
    const machine = this.sim.machine();
    return this.join(machine, new FakeAgent(this.#agentOptions(machine, options)), 5051);
  }

  /** Another run of an agent, at the same address and with the same id. */
  async restartAgent(
    { actor, machine }: Member<FakeAgent>,
    options: Partial<FakeAgentOptions> = {},
  ): Promise<Member<FakeAgent>> {
    const next = new FakeAgent(this.#agentOptions(machine, options));
    next.agentId = actor.agentId;
    return this.join(machine, next, 5051);
  }

  #agentOptions(machine: Machine, options: Partial<FakeAgentOptions>): FakeAgentOptions {
    return { master: this.master, hostname: machine.name, ...options };
  }

  /** A scheduler that has subscribed. */
  async scheduler(options: Partial<FakeSchedulerOptions> = {}): Promise<Member<FakeScheduler>> {
    const member = await this.unsubscribedScheduler(options);
    member.actor.subscribe();
    await this.sim.until(() => member.actor.registrations.length > 0, 1_000);
    return member;
  }

  async unsubscribedScheduler(
    options: Partial<FakeSchedulerOptions> = {},
  ): Promise<Member<FakeScheduler>> {
    const actor = new FakeScheduler({ master: this.master, ...options });
    return this.join(this.sim.machine(), actor, 0);
  }

  /** A scheduler and an agent whose resources it has been offered. */
  async pair(
    scheduler: Partial<FakeSchedulerOptions> = {},
    agent: Partial<FakeAgentOptions> = {},
  ): Promise<{ scheduler: Member<FakeScheduler>; agent: Member<FakeAgent> }> {
    const joined = await this.agent(agent);
    const subscribed = await this.scheduler(scheduler);
    await this.sim.until(() => subscribed.actor.offers.length > 0, 5_000);
    return { scheduler: subscribed, agent: joined };
  }

  /** Runs until `condition` holds, within virtual minutes. */
  until(condition: () => boolean, withinMs = 60_000): Promise<void> {
    return this.sim.until(condition, withinMs);
  }

  kill({ process }: Member<unknown>): void {
    this.sim.kill(process);
  }

  /** Resets every connection of a member; nobody ends, and all may connect again. */
  breakLinks({ machine }: Member<unknown>): void {
    for (const link of this.sim.network.links()) {
      const ends = [link.client, link.server];
      if (ends.some((end) => end.startsWith(`${machine.ip}:`))) link.reset();
    }
  }

  async join<T extends FakeAgent | FakeScheduler>(
    machine: Machine,
    actor: T,
    port: number,
  ): Promise<Member<T>> {
    const process = this.sim.boot(machine);
    const started = startNode({ runtime: process.runtime, ip: machine.ip, port });
    const node = await this.sim.complete(started);
    node.spawn(actor);
    return { actor, machine, process, node };
  }
}

/** A command task on an agent. */
export const commandTask = (
  id: string,
  agentId: string | undefined,
  resources = 'cpus:1;mem:128',
): TaskInfo => ({
  name: id,
  task_id: { value: id },
  slave_id: { value: agentId ?? '' },
  resources: Resources.from(resources).toProtobuf(),
  command: { value: 'sleep 1000' },
});

/** A task of a custom executor on an agent. */
export const executorTask = (
  id: string,
  agentId: string | undefined,
  executor: Partial<ExecutorInfo> = {},
): TaskInfo => {
  const { command: _command, ...task } = commandTask(id, agentId);
  return {
    ...task,
    executor: {
      executor_id: { value: 'executor-1' },
      type: 'CUSTOM',
      command: { value: './executor' },
      resources: Resources.from('cpus:0.1;mem:32').toProtobuf(),
      ...executor,
    },
  };
};

/** A task as its agent reports it. */
export function runningTask(
  run: RunTaskMessage | undefined,
  state: TaskState = 'TASK_RUNNING',
): Task {
  if (!run?.framework.id) throw new Error('The task was launched');
  const { name, task_id, slave_id, resources = [], executor } = run.task;
  const framework_id = run.framework.id;
  const executor_id = executor?.executor_id;
  return {
    name,
    task_id,
    slave_id,
    resources,
    framework_id,
    state,
    ...(executor_id && { executor_id }),
  };
}
