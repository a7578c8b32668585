import type { Program } from '../../libprocess/sim/subprocess/program.ts';
import type { SimProcess } from '../../libprocess/sim/subprocess/sim-process.ts';
import type { Cluster } from '../support/cluster.ts';

/** The program of the workload's tasks: `task ID SECONDS CODE CPUS`. */
export const TASK = '/bin/task';

interface Run {
  readonly process: SimProcess;
  readonly taskId: string;
  readonly machine: string;
  readonly cpus: number;
  exitCode: number | undefined;
}

/**
 * What tasks really do, seen from outside the system: by their processes, not by what anyone says of
 * them. Throws in the midst of the run where something happens that must not.
 */
export class TaskOracle {
  readonly #runs = new Map<string, Run[]>();
  readonly #cpusPerAgent: number;

  constructor(cluster: Cluster, cpusPerAgent: number) {
    this.#cpusPerAgent = cpusPerAgent;
    cluster.sim.programs.define(TASK, this.#program(cluster));
  }

  #program(cluster: Cluster): Program {
    return (context) => {
      const [, taskId = '', seconds = '0', code = '0', cpus = '0'] = context.argv;
      const machine = context.runtime.host.hostname;
      const member = cluster.agents.find((agent) => agent.machine.name === machine);
      const process = member?.machine.processes.get(context.pid);
      if (!process) throw new Error(`Task '${taskId}' runs on an agent`);
      const run: Run = { process, taskId, machine, cpus: Number(cpus), exitCode: undefined };
      this.#started(run);
      context.runtime.clock.timer(Number(seconds) * 1_000, () => {
        run.exitCode = Number(code);
        context.exit(run.exitCode);
      });
    };
  }

  #started(run: Run): void {
    const runs = this.#runs.get(run.taskId) ?? [];
    // T2: a launch is handed to an executor at most once.
    if (runs.length > 0) throw new Error(`Task '${run.taskId}' was started twice`);
    this.#runs.set(run.taskId, [...runs, run]);
    // A2: what runs on an agent never needs more than it has.
    const used = [...this.#runs.values()]
      .flat()
      .filter((one) => one.machine === run.machine && !one.process.ended)
      .reduce((sum, one) => sum + one.cpus, 0);
    if (used > this.#cpusPerAgent) {
      throw new Error(`Agent '${run.machine}' runs tasks of ${String(used)} cpus`);
    }
  }

  get started(): number {
    return this.#runs.size;
  }

  /** How the process of a task ended by itself; undefined if it never ran or was killed. */
  exitCode(taskId: string): number | undefined {
    return this.#runs.get(taskId)?.[0]?.exitCode;
  }

  isRunning(taskId: string): boolean {
    return this.#runs.get(taskId)?.some(({ process }) => !process.ended) ?? false;
  }
}
