import { runCampaign } from './campaign.ts';
import { parseSimFlags, USAGE, type SimFlags } from './flags.ts';
import { Progress } from './progress.ts';
import { RARE_STATES, SEEDS_FOR_ALL_STATES } from './rare-states.ts';
import { runSeed, type Outcome } from './run-seed.ts';
import { shrink } from './shrink.ts';
import { tell } from './tell.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 64;
const EXIT_INTERRUPTED = 130;
const RAREST_SHOWN = 12;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let flags: SimFlags;
  try {
    flags = parseSimFlags(argv);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (flags.help) {
    console.log(USAGE);
    return 0;
  }
  return flags.seed === undefined ? campaign(flags) : replay(flags.seed, flags);
}

async function replay(seed: number, { without, trace }: SimFlags): Promise<number> {
  const outcome = await runSeed(seed, {
    without,
    ...(trace && {
      onTrace: (lines) => {
        for (const line of lines) console.log(line);
      },
    }),
  });
  console.log(describe(outcome));
  return outcome.violation ? EXIT_FAILED : 0;
}

async function campaign(flags: SimFlags): Promise<number> {
  const outcomes: Outcome[] = [];
  const failed = (): readonly Outcome[] => outcomes.filter(({ violation }) => violation);
  const { seeds, seedBase: first, jobs, minutes, firstFailure, json } = flags;
  const progress = new Progress(() => ({
    done: outcomes.length,
    seeds,
    failures: failed().length,
    virtualMs: outcomes.reduce((sum, { virtualMs }) => sum + virtualMs, 0),
    events: outcomes.reduce((sum, { events }) => sum + events, 0),
  }));
  const onOutcome = (outcome: Outcome): void => {
    outcomes.push(outcome);
    if (outcome.violation && !json) console.log(`\n${describe(outcome)}`);
  };
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort();
    process.once('SIGINT', () => process.exit(EXIT_INTERRUPTED));
  });
  const { signal } = interrupted;
  await runCampaign({ first, seeds, jobs, minutes, firstFailure, signal, onOutcome });
  progress[Symbol.dispose]();
  if (!json) console.log(`\n${progress.line}\n${rarest(outcomes)}`);
  const unequal = await checkHashes(outcomes, flags);
  const unreached = neverReached(outcomes);
  const [smallest] = failed();
  if (smallest && !json) console.log(`\n${await story(smallest)}`);
  if (json) {
    const failures = failed().map(({ seed, violation }) => ({
      seed,
      violation: violation?.message,
    }));
    console.log(JSON.stringify({ seeds: outcomes.length, failures, unequal, unreached }));
  }
  if (unreached.length > 0 && !json) console.log(`Never reached: ${unreached.join('; ')}`);
  if (smallest || unequal.length > 0 || unreached.length > 0) return EXIT_FAILED;
  return signal.aborted ? EXIT_INTERRUPTED : 0;
}

/** Seeds whose second run, elsewhere, was not the same. */
async function checkHashes(
  outcomes: readonly Outcome[],
  { hashCheck, jobs, json }: SimFlags,
): Promise<readonly number[]> {
  const chosen = outcomes.slice(0, hashCheck);
  const unequal: number[] = [];
  for (const { seed, hash } of chosen) {
    await runCampaign({
      first: seed,
      seeds: 1,
      jobs,
      minutes: Infinity,
      firstFailure: false,
      environment: { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      onOutcome: (again) => {
        if (again.hash !== hash) unequal.push(seed);
      },
    });
  }
  if (chosen.length > 0 && !json) {
    console.log(`${chosen.length - unequal.length} of ${chosen.length} seeds did the same again`);
    for (const seed of unequal) console.log(`seed ${seed} did something else`);
  }
  return unequal;
}

/** The smallest failing run of a seed: what it was, what happened to it, and how to see it again. */
async function story(failed: Outcome): Promise<string> {
  const { outcome, without } = await shrink(failed);
  const { seed } = failed;
  // Whoever ended its process would end this one.
  if (outcome.unfinished) return `seed ${seed}: replay: ${replayCommand(seed, without)}`;
  let lines: readonly string[] = [];
  await runSeed(seed, { without: new Set(without), onTrace: (all) => (lines = all) });
  return [
    `Smallest failing run of seed ${seed}:`,
    describe(outcome),
    ...tell(lines),
    `replay: ${replayCommand(seed, without)}`,
  ].join('\n');
}

function replayCommand(seed: number, without: readonly string[]): string {
  const left = without.length === 0 ? '' : ` --without=${without.join()}`;
  return `npm run sim -- --seed=${seed}${left} --trace`;
}

function describe({ seed, plan, hash, events, virtualMs, violation }: Outcome): string {
  const minutes = (virtualMs / 60_000).toFixed(1);
  const what = violation ? `FAILED at ${violation.atMs} ms: ${violation.message}` : 'all held';
  return `seed ${seed}: ${what}\n  ${plan}\n  ${events} events in ${minutes} virtual minutes, trace ${hash}`;
}

/** In how many seeds each of the states was reached that should be, the rarest ones, and none at all. */
function rarest(outcomes: readonly Outcome[]): string {
  const counts = new Map(RARE_STATES.map((name) => [name, 0]));
  for (const name of outcomes.flatMap(({ reached }) => reached)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const lines = [...counts].sort(([, a], [, b]) => a - b);
  const never = lines.filter(([, count]) => count === 0);
  return [
    `Rarest of ${lines.length} rare states, in so many seeds:`,
    ...lines.slice(0, Math.max(RAREST_SHOWN, never.length)).map(([n, c]) => `  ${c}  ${n}`),
  ].join('\n');
}

/** Rare states that a campaign of this length must reach, and has not. */
function neverReached(outcomes: readonly Outcome[]): readonly string[] {
  if (outcomes.length < SEEDS_FOR_ALL_STATES) return [];
  const reached = new Set(outcomes.flatMap((outcome) => outcome.reached));
  return RARE_STATES.filter((name) => !reached.has(name));
}
