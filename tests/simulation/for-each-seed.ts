import { poison } from '../../libprocess/sim/poison.ts';
import { Simulation, type SimulationOptions } from '../../libprocess/sim/simulation.ts';

export interface SeedOptions extends Omit<SimulationOptions, 'seed'> {
  /** Default: 0. */
  readonly first?: number;
  /** How many seeds, counted from the first. MESOS_SIM_SEEDS asks for another number. */
  readonly seeds: number;
  /** The test's own name, to be found again by the command that replays a failure. */
  readonly name: string;
}

/** A scenario failed at a seed; the message says how to run that seed alone. */
export class SeedError extends Error {
  readonly code = 'SIMULATION_FAILED';
  readonly seed: number;

  constructor(sim: Simulation, name: string, cause: unknown) {
    const { seed } = sim.world;
    const why = cause instanceof Error ? cause.message : String(cause);
    const lines = sim.trace.lines.slice(-TRACE_LINES_SHOWN);
    super(
      [
        `Failed at seed ${seed}, ${sim.nowMs} ms: ${why}`,
        `replay: MESOS_SIM_SEED=${seed} npm run test:sim -- -t '${name}'`,
        `trace ${sim.trace.hash}, its last ${lines.length} of ${sim.trace.count} lines:`,
        ...lines,
      ].join('\n'),
      { cause },
    );
    this.seed = seed;
  }
}

/**
 * Runs `scenario` in one fresh, poisoned simulation per seed. Seeds count from 0, so that a green
 * run means the same thing on every machine; MESOS_SIM_SEED=<n> runs one seed alone.
 */
export async function forEachSeed(
  { first = 0, seeds, name, ...options }: SeedOptions,
  scenario: (sim: Simulation) => Promise<void>,
): Promise<void> {
  for (const seed of chosenSeeds(first, seeds)) {
    const sim = new Simulation({ ...options, seed });
    const poisoned = poison();
    try {
      await scenario(sim);
    } catch (cause) {
      throw new SeedError(sim, name, cause);
    } finally {
      poisoned[Symbol.dispose]();
    }
  }
}

function chosenSeeds(first: number, seeds: number): readonly number[] {
  const only = process.env['MESOS_SIM_SEED'];
  if (only !== undefined) return [Number(only)];
  const count = Number(process.env['MESOS_SIM_SEEDS'] ?? seeds);
  return Array.from({ length: count }, (_, index) => first + index);
}

const TRACE_LINES_SHOWN = 40;
