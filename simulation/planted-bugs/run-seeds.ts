import { poison } from '../../libprocess/sim/poison.ts';
import { Simulation } from '../../libprocess/sim/simulation.ts';
import { FAULTS_OF_ALL } from '../cluster-faults.ts';
import { clusterStory, type StoryOptions } from '../cluster-story.ts';

const ROOMY: StoryOptions = { kinds: FAULTS_OF_ALL, killChance: 0.3 };
const HASTY: StoryOptions = { ...ROOMY, faults: 16, gapMsMax: 400 };

// `run-seeds SEEDS BASE`: one line for each seed that has begun, up to the first that fails; then one
// of JSON with why. What is thrown outside of the story fails the seed as well.
const [seeds = 0, base = 0] = process.argv.slice(2).map(Number);
let seed = base;
process.on('uncaughtException', failed);
process.on('unhandledRejection', failed);
for (; seed < base + seeds; seed += 1) {
  say(`seed ${String(seed)}`);
  const poisoned = poison();
  try {
    await clusterStory(new Simulation({ seed }), seed % 2 === 0 ? ROOMY : HASTY);
  } catch (error) {
    failed(error);
  } finally {
    poisoned[Symbol.dispose]();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function failed(error: unknown): never {
  const violation = error instanceof Error ? error.message : String(error);
  say(JSON.stringify({ seed, violation }));
  process.exit(1);
}
