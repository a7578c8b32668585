import { runActors } from '../actors/run-actors.ts';

// `run-actors SEEDS BASE`: as `run-seeds`, for nodes of which nothing but libprocess is known.
const [seeds = 0, base = 0] = process.argv.slice(2).map(Number);
let seed = base;
process.on('uncaughtException', failed);
process.on('unhandledRejection', failed);
for (; seed < base + seeds; seed += 1) {
  say(`seed ${String(seed)}`);
  const { violation } = await runActors(seed);
  if (violation !== undefined) failed(violation);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function failed(error: unknown): never {
  const violation = error instanceof Error ? error.message : String(error);
  say(JSON.stringify({ seed, violation }));
  process.exit(1);
}
