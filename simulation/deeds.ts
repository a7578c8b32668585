import type { Machine } from '../libprocess/sim/index.ts';
import type { SimProcess } from '../libprocess/sim/subprocess/sim-process.ts';

/** What faults and operators did that ends tasks: causes that checks ask for. */
export class Deeds {
  /** Sandboxes in which a process was killed by no one that is asked to answer for it. */
  readonly #slain = new Set<string>();
  /** Machines whose agent ended its tasks: it was told to clean up, or to leave. */
  readonly #cleared = new Set<Machine>();

  /** A process of a container was killed, as by a kernel that is out of memory. */
  killed(machine: Machine, process: SimProcess): void {
    const sandbox = sandboxOf(process);
    if (sandbox !== undefined) this.#slain.add(`${machine.name} ${sandbox}`);
  }

  cleared(machine: Machine): void {
    this.#cleared.add(machine);
  }

  /** Whether the process may have ended, and its task with it, though nobody asked for that. */
  excuse(machine: Machine, process: SimProcess): boolean {
    const sandbox = sandboxOf(process) ?? '';
    return this.#cleared.has(machine) || this.#slain.has(`${machine.name} ${sandbox}`);
  }
}

export const sandboxOf = (process: SimProcess): string | undefined =>
  process.image.environment['MESOS_SANDBOX'];
