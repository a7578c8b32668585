import { isTerminal } from '../../common/task-state.ts';
import type { SimNode } from '../../libprocess/sim/index.ts';
import type { Machine } from '../../libprocess/sim/machine.ts';
import type { ProgramContext } from '../../libprocess/sim/subprocess/program.ts';
import type { SimProcess } from '../../libprocess/sim/subprocess/sim-process.ts';
import type { TaskStatus } from '../../proto/index.ts';
import type { Cluster } from '../../testing/cluster.ts';
import type { Deeds } from '../deeds.ts';
import type { Launch } from './service-ledger.ts';
import { serviceExecutorProgram, SERVICE_EXECUTOR } from './service-executor.ts';
import { serviceProgram, SERVICE } from './service-program.ts';

export class ServiceViolation extends Error {
  readonly code = 'SERVICE_VIOLATION';
}

/** An instance as it is, whatever anyone says of it. */
export interface Instance {
  readonly token: string;
  /** Its own, or that of the executor that runs it. */
  readonly process: SimProcess;
  readonly machine: Machine;
  /** That was there when it began. */
  readonly agent: SimNode;
  /** Of the machine when it began. */
  readonly bootId: string;
  /** How it ended by itself. */
  exitCode: number | undefined;
  /** Its executor has ended it, or it has ended there. */
  over: boolean;
}

/** What instances really do, seen from outside the system, by their processes and their own words. */
export class InstanceOracle {
  readonly #cluster: Cluster;
  readonly #deeds: Deeds;
  readonly #instances = new Map<string, Instance>();
  /** Launches that were told to have ended, to a framework that is told so only when it is certain. */
  readonly #over = new Set<string>();
  /** Messages that executors heard. */
  readonly #heard = new Set<string>();

  constructor(cluster: Cluster, deeds: Deeds) {
    this.#cluster = cluster;
    this.#deeds = deeds;
    const { programs } = cluster.sim;
    programs.define(SERVICE, serviceProgram(this));
    programs.define(SERVICE_EXECUTOR, serviceExecutorProgram(this));
  }

  /** An instance begins in the process of `context`. */
  began({ runtime, pid }: ProgramContext, token: string): Instance {
    const { hostname } = runtime.host;
    const member = this.#cluster.agents.find(({ machine }) => machine.name === hostname);
    const process = member?.machine.processes.get(pid);
    if (!member || !process) throw new ServiceViolation(`Instance '${token}' runs on no agent`);
    // T2, and U8 from the other side: nothing begins that was told to have ended.
    if (this.#instances.has(token)) this.violated(`T2: '${token}' began twice`);
    if (this.#over.has(token)) this.violated(`T2: '${token}' began after its end`);
    const { machine, process: agent } = member;
    const { bootId } = machine;
    const life = { exitCode: undefined, over: false };
    const instance = { token, process, machine, agent, bootId, ...life };
    this.#instances.set(token, instance);
    return instance;
  }

  /** The story fails at once. What is thrown in a turn of a process ends that process alone. */
  violated(what: string): void {
    this.#cluster.failures.push(what);
  }

  /** P3: what a scheduler sends to an executor comes once or not at all. */
  heard(message: string): void {
    if (this.#heard.has(message)) this.violated(`P3: '${message}' was heard twice`);
    this.#heard.add(message);
  }

  hasHeard(message: string): boolean {
    return this.#heard.has(message);
  }

  /** A framework that is aware of partitions was told this of its launch. */
  told({ token, agentId }: Launch, status: TaskStatus): void {
    // Where no agent was asked about, or one that was forgotten, it is not known to be elsewhere, as in Mesos.
    const isRunning = this.isRunning(token) && !this.#isBeingEnded(token);
    const isKnown = status.slave_id && !this.#deeds.hasForgottenAgent(agentId);
    if (status.state === 'TASK_UNKNOWN' && isKnown && isRunning)
      this.violated(`M12: '${token}' on '${agentId}' is unknown, and runs`);
    if (!isTerminal(status.state)) return;
    if (isRunning) this.violated(`T3: '${token}' is told ${status.state}, and runs`);
    this.#over.add(token);
  }

  /** An agent that leaves is gone to its master before its tasks have ended, as in Mesos. */
  #isBeingEnded(token: string): boolean {
    const instance = this.#instances.get(token);
    return instance !== undefined && this.#deeds.excuse(instance.machine, instance.process);
  }

  of(token: string): Instance | undefined {
    return this.#instances.get(token);
  }

  isRunning(token: string): boolean {
    const instance = this.#instances.get(token);
    return instance !== undefined && runs(instance);
  }

  /** Of all instances, and of what they have forked. */
  leftovers(): readonly string[] {
    const forked = this.#cluster.agents.flatMap(({ machine }) =>
      machine.processes
        .list()
        .filter(({ state }) => state !== 'Z')
        .filter(({ pid }) => machine.processes.get(pid)?.image.argv[0] === SERVICE)
        .map(({ pid }) => `process ${pid} on ${machine.name}`),
    );
    const running = [...this.#instances.values()].filter(runs).map(({ token }) => token);
    return [...running, ...forked];
  }
}

/** The end of a machine ends its processes without an exit status. */
const runs = ({ process, over }: Instance): boolean =>
  !over && !process.ended && process.incarnation.alive;
