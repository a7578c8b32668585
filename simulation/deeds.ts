import type { Machine } from '../libprocess/sim/index.ts';
import type { SimProcess } from '../libprocess/sim/subprocess/sim-process.ts';

/** What runs, or ran, in a process. */
interface Doomed {
  readonly machine: Machine;
  readonly process: SimProcess;
  /** Of the machine when it began. */
  readonly bootId: string;
}

/** What faults and operators did that ends tasks: causes that checks ask for. */
export class Deeds {
  /** Sandboxes in which a process was killed. */
  readonly #killed = new Set<string>();
  /** By machine, the last process that was there when its agent gave up all that it had. */
  readonly #cleared = new Map<string, number>();
  readonly #frameworks = new Set<string>();
  readonly #forgotten = new Set<string>();

  /** An operator has asked for its end. */
  endFramework(id: string): void {
    this.#frameworks.add(id);
  }

  hasEndedFramework(id: string): boolean {
    return this.#frameworks.has(id);
  }

  /** The registry knows nothing more of an unreachable agent: there were too many. */
  forgetAgent(id: string): void {
    this.#forgotten.add(id);
  }

  hasForgottenAgent(id: string): boolean {
    return this.#forgotten.has(id);
  }

  /** A process of a container was killed, as by a kernel that is out of memory. */
  killed(machine: Machine, process: SimProcess): void {
    const key = keyOf(machine, process);
    if (key !== undefined) this.#killed.add(key);
  }

  /**
   * The agent ends all that it runs, and tells no more of what has run: it was told to clean up, to
   * leave, or was replaced. What runs may start something else, until all is `cleared`.
   */
  clearing({ name }: Machine): void {
    this.#cleared.set(name, Infinity);
  }

  /** That is over. `process` is later than all that is meant. */
  cleared({ name }: Machine, process: number): void {
    this.#cleared.set(name, process);
  }

  /** Also where the power has failed since. */
  isExcused({ machine, process, bootId }: Doomed): boolean {
    return machine.bootId !== bootId || this.excuse(machine, process);
  }

  /** Whether the process may have ended, and its task with it, though nobody asked for that. */
  excuse(machine: Machine, process: SimProcess): boolean {
    const key = keyOf(machine, process);
    const isKilled = key !== undefined && this.#killed.has(key);
    return isKilled || process.incarnation.id <= (this.#cleared.get(machine.name) ?? 0);
  }
}

const keyOf = (machine: Machine, process: SimProcess): string | undefined => {
  const sandbox = sandboxOf(process);
  return sandbox === undefined ? undefined : `${machine.name} ${sandbox}`;
};

/** Where the process runs, if it runs in a container. */
export const sandboxOf = ({ image }: SimProcess): string | undefined =>
  image.environment['MESOS_SANDBOX'];
