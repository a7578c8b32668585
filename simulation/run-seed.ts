import { poison } from '../libprocess/sim/poison.ts';
import { Simulation } from '../libprocess/sim/simulation.ts';
import { changedPrototype } from './checks/prototypes.ts';
import { clusterStory } from './cluster-story.ts';
import { gossipStory } from './gossip/gossip-story.ts';
import { describePlan, drawPlan, partsOf, type Plan } from './plan.ts';
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
  /** Set if its process ended, or was ended, before it was over: nothing is known of how it went. */
  readonly unfinished?: true;
}

/** What another process is asked to run. */
export interface SeedRun {
  readonly seed: number;
  /** As of `SeedOptions`. */
  readonly without: readonly string[];
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
  const plan = planOf(sim, options);
  const reached = new Set<string>();
  const story = { ...options, reached };
  const { trace, world, logs } = sim;
  const violation = await violationOf(sim, () => clusterStory(sim, plan, story));
  const gossip =
    violation || seed % GOSSIP_SEEDS !== 0 ? undefined : await runGossip(seed, options);
  if (gossip?.violation) return gossip;
  if (gossip) trace.add(`gossip ${gossip.hash}`);
  options.onTrace?.(trace.lines);
  return {
    ...told(seed, plan),
    hash: trace.hash,
    events: world.steps,
    virtualMs: Math.round(sim.nowMs),
    reached: [...reached, ...loggedStates(logs)].sort(),
    ...(violation && { violation }),
  };
}

/** What is known of a seed whose run did not come to an end, and why it did not. */
export function unfinished({ seed, without }: SeedRun, message: string): Outcome {
  const plan = planOf(new Simulation({ seed }), { without: new Set(without) });
  const nothing = { hash: '', events: 0, virtualMs: 0, reached: [] };
  return { ...told(seed, plan), ...nothing, violation: { message, atMs: 0 }, unfinished: true };
}

const planOf = ({ random }: Simulation, { without }: SeedOptions): Plan =>
  drawPlan(random.split('plan'), { focus: without?.has('focus') !== true });

const told = (seed: number, plan: Plan): Pick<Outcome, 'seed' | 'plan' | 'faults' | 'parts'> => ({
  seed,
  plan: describePlan(plan),
  faults: plan.faults.map(({ kind }) => kind),
  parts: partsOf(plan),
});

/** Some seeds run a second world, in which there is nothing but libprocess; nothing can be left out of it. */
async function runGossip(seed: number, { onTrace }: SeedOptions): Promise<Outcome> {
  const sim = new Simulation({ seed, ...(!onTrace && { traceLinesMax: 0 }) });
  const violation = await violationOf(sim, () => gossipStory(sim));
  if (violation) onTrace?.(sim.trace.lines);
  return {
    seed,
    plan: 'gossip of nodes of libprocess alone',
    faults: [],
    parts: [],
    hash: sim.trace.hash,
    events: sim.world.steps,
    virtualMs: Math.round(sim.nowMs),
    reached: [],
    ...(violation && { violation }),
  };
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
