import type { Program, ProgramContext } from '../libprocess/sim/subprocess/program.ts';
import type { Machine } from '../libprocess/sim/machine.ts';
import type { SimProcess } from '../libprocess/sim/subprocess/sim-process.ts';
import { isTerminal } from '../common/task-state.ts';
import type { TaskStatus } from '../proto/index.ts';
import type { Cluster } from '../testing/cluster.ts';
import { batchExecutorProgram, EXECUTOR } from './batch/batch-executor.ts';

/** The program of tasks that are commands: `task ID SECONDS CODE`. Each is for one CPU. */
export const TASK = '/bin/task';

/** A task as it is, whatever anyone says of it. */
export interface Run {
  /** Its own, or that of the executor which runs it. */
  readonly process: SimProcess;
  readonly taskId: string;
  readonly machine: Machine;
  /** Of the machine when the task began. */
  readonly bootId: string;
  readonly cpus: number;
  /** How it ended by itself. */
  exitCode: number | undefined;
  /** Its executor has ended it, or it has ended there. */
  over: boolean;
}

/**
 * What tasks really do, seen from outside the system: by their processes, not by what anyone says of
 * them. Throws in the midst of the run where something happens that must not.
 */
export class TaskOracle {
  readonly #runs = new Map<string, Run[]>();
  /** Tasks that were told to have ended to a framework that is told so only when it is certain. */
  readonly #over = new Set<string>();
  readonly #cpusPerAgent: number;
  /** Whether a task may end though no framework asked for it: somebody else has ended its container. */
  isExcused: (run: Run) => boolean = () => false;
  /** Whether the registry may have forgotten the agent, which was unreachable. */
  isForgotten: (agentId: string) => boolean = () => false;

  constructor(cluster: Cluster, cpusPerAgent: number) {
    this.#cpusPerAgent = cpusPerAgent;
    cluster.sim.programs.define(TASK, this.#program(cluster));
    const executor = batchExecutorProgram((context, taskId) =>
      this.#begin(cluster, context, taskId),
    );
    cluster.sim.programs.define(EXECUTOR, executor);
  }

  #program(cluster: Cluster): Program {
    return (context) => {
      const [, taskId = '', seconds = '0', code = '0'] = context.argv;
      const run = this.#begin(cluster, context, taskId);
      // Half of them have to be killed for good, which leaves time for faults.
      if (context.runtime.random.next() < 0.5) context.onSignal('SIGTERM', () => undefined);
      context.runtime.clock.timer(Number(seconds) * 1_000, () => {
        run.exitCode = Number(code);
        context.exit(run.exitCode);
      });
    };
  }

  /** Notes that a task begins in the process of `context`. */
  #begin(cluster: Cluster, { runtime, pid }: ProgramContext, taskId: string): Run {
    const { hostname } = runtime.host;
    const machine = cluster.agents.find((agent) => agent.machine.name === hostname)?.machine;
    const process = machine?.processes.get(pid);
    if (!machine || !process) throw new Error(`Task '${taskId}' runs on an agent`);
    const { bootId } = machine;
    const run = { process, taskId, machine, bootId, cpus: 1, exitCode: undefined, over: false };
    this.#started(run);
    return run;
  }

  #started(run: Run): void {
    const known = this.#runs.get(run.taskId) ?? [];
    // T2: a launch is handed to an executor at most once.
    if (known.length > 0) throw new Error(`Task '${run.taskId}' was started twice`);
    if (this.#over.has(run.taskId) && !this.isExcused(run))
      throw new Error(`Task '${run.taskId}' was told ended, and began`);
    this.#runs.set(run.taskId, [...known, run]);
    // A2: what runs on an agent never needs more than it has.
    const used = [...this.#runs.values()]
      .flat()
      .filter((one) => one.machine === run.machine && runs(one))
      .reduce((sum, one) => sum + one.cpus, 0);
    if (used > this.#cpusPerAgent) {
      throw new Error(`Agent '${run.machine.name}' runs tasks of ${String(used)} cpus`);
    }
  }

  /** A framework that is aware of partitions was told this. */
  told(status: TaskStatus): void {
    const taskId = status.task_id.value;
    // M12: while its agent is there, or may come back, nobody says that there is no such task.
    const isRunning = this.isRunning(taskId) && !this.excused(taskId);
    // Where no agent was asked about, or one that was forgotten, it is not known to be elsewhere, as in Mesos.
    const isKnown = status.slave_id && !this.isForgotten(status.slave_id.value);
    if (status.state === 'TASK_UNKNOWN' && isKnown && isRunning)
      throw new Error(`Task '${taskId}' is told to be unknown and runs`);
    if (!isTerminal(status.state)) return;
    if (isRunning) throw new Error(`Task '${taskId}' is told ${status.state} and runs`);
    this.#over.add(taskId);
  }

  excused(taskId: string): boolean {
    return this.#runs.get(taskId)?.some((run) => this.isExcused(run)) ?? false;
  }

  hasStarted(taskId: string): boolean {
    return this.#runs.has(taskId);
  }

  /** Whether anything runs that is a task. */
  get anyRunning(): boolean {
    return [...this.#runs.values()].flat().some(runs);
  }

  /** Whether the power of its machine has failed since the task began. */
  lostPower(taskId: string): boolean {
    return (
      this.#runs.get(taskId)?.some(({ machine, bootId }) => machine.bootId !== bootId) ?? false
    );
  }

  /** How the process of a task ended by itself; undefined if it never ran or was killed. */
  exitCode(taskId: string): number | undefined {
    return this.#runs.get(taskId)?.[0]?.exitCode;
  }

  isRunning(taskId: string): boolean {
    return this.#runs.get(taskId)?.some(runs) ?? false;
  }
}

/** The end of a machine ends its processes without an exit status. */
const runs = ({ process, over }: Run): boolean =>
  !over && !process.ended && process.incarnation.alive;
