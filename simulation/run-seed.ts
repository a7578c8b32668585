import { poison } from '../libprocess/sim/poison.ts';
import { Simulation } from '../libprocess/sim/simulation.ts';
import { changedPrototype } from './checks/prototypes.ts';
import { clusterStory } from './cluster-story.ts';
import { gossipStory } from './gossip/gossip-story.ts';
import { describePlan, drawPlan, partsOf } from './plan.ts';
import { loggedStates } from './rare-states.ts';

class PrototypeError extends Error {
  readonly code = 'PROTOTYPE_CHANGED';
}

/** One seed in so many. */
const GOSSIP_SEEDS = 4;

/** What came of one seed: plain data, which crosses processes. */
export interface Outcome {
  readonly seed: number;
  readonly plan: string;
  /** Kinds of faults of the plan, one for each fault. */
  readonly faults: readonly string[];
  /** What else of the plan can be left out. */
  readonly parts: readonly string[];
  /** SHA-256 of all that happened. */
  readonly hash: string;
  readonly events: number;
  readonly virtualMs: number;
  /** Names of rare states that were reached. */
  readonly reached: readonly string[];
  /** What did not hold, and when. */
  readonly violation?: { readonly message: string; readonly atMs: number };
}

export interface SeedOptions {
  /**
   * What does not happen after all: kinds of faults, ordinals of faults, and parts of the plan. With
   * `focus` a seed whose faults are of few kinds has those of all kinds instead.
   */
  readonly without?: ReadonlySet<string>;
  /** Hears of each line of the trace when the run is over. */
  readonly onTrace?: (lines: readonly string[]) => void;
}

/** Runs one seed to its end, in a world of its own. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<Outcome> {
  const sim = new Simulation({ seed, ...(!options.onTrace && { traceLinesMax: 0 }) });
  const focus = options.without?.has('focus') !== true;
  const plan = drawPlan(sim.random.split('plan'), { focus });
  const reached = new Set<string>();
  const told = { ...options, reached };
  const violation =
    (await violationOf(sim, () => clusterStory(sim, plan, told))) ?? (await gossip(seed));
  const { trace, world, nowMs, logs } = sim;
  options.onTrace?.(trace.lines);
  return {
    seed,
    plan: describePlan(plan),
    faults: plan.faults.map(({ kind }) => kind),
    parts: partsOf(plan),
    hash: trace.hash,
    events: world.steps,
    virtualMs: Math.round(nowMs),
    reached: [...reached, ...loggedStates(logs)].sort(),
    ...(violation && { violation }),
  };
}

/** Some seeds run a second world, in which there is nothing but libprocess. */
function gossip(seed: number): Promise<Outcome['violation']> {
  if (seed % GOSSIP_SEEDS !== 0) return Promise.resolve(undefined);
  const sim = new Simulation({ seed, traceLinesMax: 0 });
  return violationOf(sim, () => gossipStory(sim));
}

async function violationOf(
  sim: Simulation,
  story: () => Promise<void>,
): Promise<Outcome['violation']> {
  const poisoned = poison();
  try {
    await story();
    const changed = changedPrototype();
    if (changed !== undefined) throw new PrototypeError(`Z6: ${changed}`);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { message, atMs: Math.round(sim.nowMs) };
  } finally {
    poisoned[Symbol.dispose]();
  }
}
