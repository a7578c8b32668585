import { CasePool } from './case-pool.ts';
import { parseMatrixFlags, USAGE, type MatrixFlags } from './flags.ts';
import { runMatrix, type Depth, type MatrixResult } from './matrix.ts';
import { runCase, type CaseOutcome } from './run-case.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 64;
const EXIT_INTERRUPTED = 130;
const SHOWS_EVERY_MS = 1_000;
/** Where the line cannot be overwritten. */
const SHOWS_EVERY_MS_LOGGED = 20_000;

async function main(argv: readonly string[]): Promise<number> {
  try {
    const flags = parseMatrixFlags(argv);
    if (flags.help) {
      console.log(USAGE);
      return 0;
    }
    return flags.case === undefined ? await matrix(flags) : await replay(flags.case, flags);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
}

async function replay(id: string, { trace }: MatrixFlags): Promise<number> {
  const outcome = await runCase(id, { trace });
  for (const line of outcome.trace ?? []) console.log(line);
  console.log(`${outcome.id}: ${outcome.violation ?? 'all held'}`);
  return outcome.violation === undefined ? 0 : EXIT_FAILED;
}

async function matrix(flags: MatrixFlags): Promise<number> {
  const beganMs = performance.now();
  const seconds = (): number => (performance.now() - beganMs) / 1_000;
  let done = 0;
  let failed = 0;
  const line = (): string =>
    `${done} cases, ${Math.round(done / seconds())} a second, ${failed} failed`;
  using pool = new CasePool(flags.jobs, (outcome) => {
    done += 1;
    if (outcome.violation === undefined) return;
    failed += 1;
    if (flags.firstFailure) pool.stopped = true;
    if (!flags.json) console.log(`\n${describe(outcome)}`);
  });
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    pool.stopped = true;
    interrupted.abort();
  });
  const progress = showEvery(line);
  const result = await runMatrix(flags, (ids) => pool.run(ids));
  progress[Symbol.dispose]();
  const complete = !pool.stopped && flags.oneIn === 1;
  const unreached = complete ? unreachedIn(result, flags) : [];
  if (flags.json) console.log(JSON.stringify({ ...summaryOf(result), unreached }));
  else conclude(result, { line: `${line()} in ${seconds().toFixed(1)} s`, unreached });
  if (result.failures.length > 0 || unreached.length > 0) return EXIT_FAILED;
  return interrupted.signal.aborted ? EXIT_INTERRUPTED : 0;
}

/** Of some stories alone nobody expects that they reach everything. */
function unreachedIn({ unreached }: MatrixResult, { stories }: MatrixFlags): readonly string[] {
  const all = parseMatrixFlags([]).stories;
  return stories.length === all.length ? unreached : [];
}

function summaryOf({ cases, depths, failures }: MatrixResult): object {
  const violations = failures.map(({ id, violation }) => ({ id, violation }));
  return { cases, depths, failures: violations };
}

function conclude(
  { depths, failures }: MatrixResult,
  { line, unreached }: { readonly line: string; readonly unreached: readonly string[] },
): void {
  console.log(`\n${line}`);
  for (const [index, depth] of depths.entries()) console.log(describeDepth(depth, index + 1));
  for (const point of unreached) console.log(`Nothing writes at '${point}', which is registered`);
  const [first] = failures;
  if (first) console.log(`\nThe first that failed:\n${describe(first)}`);
}

const describeDepth = ({ choices, classes, run }: Depth, crashes: number): string =>
  `${crashes} deep: ${run} cases, of ${choices} that there are, which are of ${classes} kinds`;

const describe = ({ id, violation = '' }: CaseOutcome): string =>
  `FAILED ${violation}\n  replay: npm run sim:crashes -- --case=${id} --trace`;

function showEvery(line: () => string): Disposable {
  const { stderr } = process;
  const show = (): void => void stderr.write(stderr.isTTY ? `\r\x1b[K${line()}` : `${line()}\n`);
  const timer = setInterval(show, stderr.isTTY ? SHOWS_EVERY_MS : SHOWS_EVERY_MS_LOGGED);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      if (stderr.isTTY) stderr.write('\r\x1b[K');
    },
  };
}

process.exitCode = await main(process.argv.slice(2));
