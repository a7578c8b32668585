import { poison } from '../../libprocess/sim/poison.ts';
import { Simulation } from '../../libprocess/sim/simulation.ts';
import { actorStory } from './actor-story.ts';

/** What came of one seed. */
export interface ActorOutcome {
  readonly seed: number;
  readonly hash: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly turns: Readonly<Record<string, number>>;
  readonly violation?: string;
}

export interface ActorOptions {
  /** Hears of the lines of the trace when the run is over. */
  readonly onTrace?: (lines: readonly string[]) => void;
}

/** Runs one seed to its end, in a world of its own. */
export async function runActors(
  seed: number,
  { onTrace }: ActorOptions = {},
): Promise<ActorOutcome> {
  const sim = new Simulation({ seed });
  const poisoned = poison();
  let turns: Readonly<Record<string, number>> = {};
  let violation: string | undefined;
  try {
    turns = Object.fromEntries((await actorStory(sim)).turns);
  } catch (error) {
    violation = `${error instanceof Error ? error.message : String(error)} (at ${sim.nowMs.toFixed(0)} ms)`;
  } finally {
    poisoned[Symbol.dispose]();
  }
  const { trace, world, nowMs } = sim;
  onTrace?.(trace.lines);
  const virtualMs = Math.round(nowMs);
  const seen = { seed, hash: trace.hash, events: world.steps, virtualMs, turns };
  return violation === undefined ? seen : { ...seen, violation };
}
