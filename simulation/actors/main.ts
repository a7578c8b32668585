import { parseArgs } from 'node:util';
import { runActors, type ActorOutcome } from './run-actors.ts';

const USAGE = `Usage: npm run sim:actors -- [flags]

Runs nodes whose processes do all that processes can while connections and nodes fail, once for each seed, and
checks P1 to P16.

  --seeds=N       how many seeds (default: 1000)
  --seed-base=B   the first of them (default: 0)
  --seed=S        run this one alone
  --trace         ... and print every event`;

const EXIT_FAILED = 1;
const EXIT_USAGE = 64;
const TOLD_EVERY = 100;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let flags: { first: number; seeds: number; trace: boolean };
  try {
    flags = parse(argv);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  const { first, seeds, trace } = flags;
  const outcomes: ActorOutcome[] = [];
  const onTrace = (lines: readonly string[]): void => {
    for (const line of lines) console.log(line);
  };
  for (let seed = first; seed < first + seeds; seed += 1) {
    const outcome = await runActors(seed, trace ? { onTrace } : {});
    outcomes.push(outcome);
    if (outcome.violation !== undefined)
      console.log(
        `seed ${String(seed)}: ${outcome.violation}\nreplay: npm run sim:actors -- --seed=${String(seed)} --trace`,
      );
    if (outcomes.length % TOLD_EVERY === 0) console.log(told(outcomes));
  }
  console.log(told(outcomes));
  return outcomes.some(({ violation }) => violation !== undefined) ? EXIT_FAILED : 0;
}

function parse(argv: readonly string[]): { first: number; seeds: number; trace: boolean } {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: { type: 'string', default: '1000' },
      'seed-base': { type: 'string', default: '0' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
    },
  });
  const number = (text: string): number => {
    if (/^\d+$/.test(text)) return Number(text);
    throw new Error(`'${text}' is no whole number`);
  };
  if (values.seed !== undefined)
    return { first: number(values.seed), seeds: 1, trace: values.trace };
  return { first: number(values['seed-base']), seeds: number(values.seeds), trace: values.trace };
}

/** How much was run, and what of. */
function told(outcomes: readonly ActorOutcome[]): string {
  const failed = outcomes.filter(({ violation }) => violation !== undefined).length;
  const turns = new Map<string, number>();
  for (const outcome of outcomes)
    for (const [what, count] of Object.entries(outcome.turns))
      turns.set(what, (turns.get(what) ?? 0) + count);
  const minutes = outcomes.reduce((sum, { virtualMs }) => sum + virtualMs, 0) / 60_000;
  const kinds = [...turns].map(([what, count]) => `${String(count)} ${what}`).join(', ');
  return `${String(outcomes.length)} seeds, ${String(failed)} failed, ${minutes.toFixed(0)} virtual minutes; turns: ${kinds}`;
}
