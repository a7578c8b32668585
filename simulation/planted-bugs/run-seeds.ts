import { runSeed } from '../run-seed.ts';

// `run-seeds SEEDS BASE`: one line for each seed that has begun, up to the first that fails; then one
// of JSON with why. What is thrown outside of the story fails the seed as well.
const [seeds = 0, base = 0] = process.argv.slice(2).map(Number);
let seed = base;
process.on('uncaughtException', failed);
process.on('unhandledRejection', failed);
for (; seed < base + seeds; seed += 1) {
  say(`seed ${String(seed)}`);
  const { violation } = await runSeed(seed);
  if (violation) failed(violation);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function failed(error: unknown): never {
  const violation = messageOf(error);
  say(JSON.stringify({ seed, violation }));
  process.exit(1);
}

function messageOf(error: unknown): string {
  const named = typeof error === 'object' && error !== null && 'message' in error;
  return named ? String(error.message) : String(error);
}
