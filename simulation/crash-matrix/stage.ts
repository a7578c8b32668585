import type { DiskCrash, DiskOperation } from '../../libprocess/sim/disk/machine-disk.ts';
import type { Machine } from '../../libprocess/sim/machine.ts';
import { Simulation } from '../../libprocess/sim/simulation.ts';
import { survivalOf, type Crash, type End } from './crash.ts';
import { siteOf, type Site } from './site.ts';
import { isRegistered } from './write-points.ts';

/** Something does not hold: the case has failed. */
export class Violation extends Error {
  readonly code = 'CRASH_MATRIX_VIOLATION';
}

/** What a life found not to hold, or what has ended it. */
export const whatFailed = (error: unknown, otherwise: string): string =>
  error instanceof Violation ? error.message : `${otherwise}: ${String(error)}`;

/** The process that is tested, in its present life. */
export interface Victim {
  readonly pid: () => number;
  readonly kill: () => void;
}

/** Where a story is played: it counts what changes the disk, and strikes where it is told to. */
export class Stage {
  readonly sim: Simulation;
  readonly #crashes: readonly Crash[];
  /** Where a crash may be, for each life of what is watched: before the first crash, after it ... */
  readonly sites: Site[][] = [[]];
  powerCuts = 0;
  /** Whether a process other than the one that is tested was killed. */
  othersKilled = false;
  readonly #violations: string[] = [];
  #down = false;

  /** What happens is noted only if somebody asks for the `trace`. */
  constructor(crashes: readonly Crash[], { trace = false } = {}) {
    this.sim = new Simulation({ seed: 0, ...(!trace && { traceLinesMax: 0 }) });
    this.#crashes = crashes;
  }

  /** How often it has crashed. */
  get struck(): number {
    return this.sites.length - 1;
  }

  /** Whether all crashes have been that will be. */
  get over(): boolean {
    return this.struck === this.#crashes.length;
  }

  /** Whether it has crashed and was not started again. */
  get down(): boolean {
    return this.#down;
  }

  /** The power is on again after a power cut; whoever calls starts what was ended. */
  up(): void {
    this.#down = false;
  }

  fail(what: string): void {
    this.#violations.push(what);
  }

  /** Throws the first thing that did not hold. */
  checkSoFar(): void {
    const [first] = this.#violations;
    if (first !== undefined) throw new Violation(first);
  }

  /** At the end of a story. */
  check(): void {
    this.checkSoFar();
    if (!this.over) throw new Violation('the story has no such place to crash');
  }

  /** From now on what changes this machine's disk is counted. */
  watch(machine: Machine, victim: Victim): void {
    machine.disk.crashAt = (operation) => this.#reached(machine, operation, victim);
  }

  #reached(machine: Machine, operation: DiskOperation, victim: Victim): DiskCrash | undefined {
    if (!operation.points.some(isRegistered)) {
      const { kind, path, points } = operation;
      const name = points.length === 0 ? 'no name' : `no registered name: ${points.join()}`;
      this.fail(`${kind} '${path}' is made at a write point of ${name}`);
    }
    const sites = this.sites.at(-1) ?? [];
    sites.push(siteOf(operation));
    const crash = this.#crashes[this.struck];
    if (crash?.at !== sites.length) return undefined;
    const { moment, end } = crash;
    this.sites.push([]);
    const effect = moment === 'before' ? 'none' : moment === 'after' ? 'whole' : moment.tornAt;
    const maker = machine.processes.get(operation.pid);
    const another = operation.pid !== victim.pid();
    if (end !== 'kill') return { effect, strike: () => this.#cutPower(machine, end) };
    if (!another || moment === 'before') {
      if (!another) return { effect, strike: () => this.#kill(victim) };
      this.#kill(victim); // While another process writes, which goes on.
      return undefined;
    }
    this.othersKilled = true;
    return {
      effect,
      strike: () => {
        if (maker) machine.processes.end(maker, { signal: 'SIGKILL' });
      },
    };
  }

  #kill({ kill }: Victim): void {
    this.#down = true;
    kill();
  }

  #cutPower(machine: Machine, end: End): void {
    this.#down = true;
    this.powerCuts += 1;
    this.sim.powerOff(machine, survivalOf(end));
    this.sim.powerOn(machine);
  }
}
