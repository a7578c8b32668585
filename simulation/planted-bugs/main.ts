import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ALL_BUGS } from './all-bugs.ts';
import { HuntProgress } from './hunt-progress.ts';
import { hunt, type Hunted } from './hunt.ts';
import { makeMutant, removeMutant } from './mutant.ts';
import type { Hunter, PlantedBug } from './planted-bug.ts';
import { buildOf, SurveyRecord } from './survey-record.ts';
import { writeSurvey, type Finding } from './survey.ts';

const EXIT_USAGE = 64;
/** The name of the copy without a bug, in which nothing may be found. */
const CONTROL = 'control';
const VIOLATION_CHARS_MAX = 90;
const UNITS: Readonly<Record<Hunter, string>> = { seeds: 'seed', actors: 'seed', crashes: 'case' };
const HUNTERS = ['seeds', 'actors', 'crashes'] as const;

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Options {
  readonly seeds: number;
  readonly seedBase: number;
  readonly jobs: number;
  readonly json: boolean;
  /** Of the page that the survey is written into. */
  readonly page: string | undefined;
  /** Of the crash matrix, at most. */
  readonly cases: number | undefined;
  /** Instead of what each bug names. */
  readonly hunter: Hunter | undefined;
}

interface Found extends Hunted {
  readonly bug: PlantedBug | undefined;
  readonly hunter: Hunter;
}

await main();

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * `[--seeds=500] [--seed-base=0] [--jobs=2] [--only=id,id] [--hunter=seeds|actors|crashes] [--json] [--write=PAGE]`
 *
 * With `--write`, what was hunted before with the same build and seeds is not hunted again, but for what
 * `--only` names; the page is written after each hunt, so that a survey can be interrupted at any time.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '500' },
      'seed-base': { type: 'string', default: '0' },
      jobs: { type: 'string', default: '2' },
      cases: { type: 'string' },
      only: { type: 'string' },
      hunter: { type: 'string' },
      json: { type: 'boolean', default: false },
      write: { type: 'string' },
    },
  });
  const hunter = HUNTERS.find((each) => each === values.hunter);
  const only = values.only?.split(',');
  const unknown = only?.filter((id) => id !== CONTROL && !ALL_BUGS.some((bug) => bug.id === id));
  if (unknown && unknown.length > 0) {
    process.stderr.write(`There is no planted bug '${unknown.join("', '")}'\n`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  if (values.hunter !== undefined && !hunter) {
    process.stderr.write(`'${values.hunter}' hunts nothing: one of ${HUNTERS.join(', ')}\n`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  const options = {
    seeds: Number(values.seeds),
    seedBase: Number(values['seed-base']),
    jobs: Number(values.jobs),
    json: values.json,
    page: values.write,
    cases: values.cases === undefined ? undefined : Number(values.cases),
    hunter,
  };
  const chosen: (PlantedBug | undefined)[] = ALL_BUGS.filter(
    (bug) => only?.includes(bug.id) ?? true,
  );
  if (only?.includes(CONTROL) ?? true) chosen.unshift(undefined);
  conclude(await all(chosen, options, only !== undefined), options);
}

async function all(
  chosen: readonly (PlantedBug | undefined)[],
  options: Options,
  isNamed: boolean,
): Promise<readonly Found[]> {
  const record = options.page === undefined ? undefined : recordOf(options);
  const known = (bug: PlantedBug | undefined): Found | undefined => {
    const hunted = record?.get(bug?.id ?? CONTROL);
    return hunted && { ...hunted, bug };
  };
  const kept = isNamed ? [] : chosen.flatMap((bug) => known(bug) ?? []);
  const findings: Found[] = [...kept];
  for (const finding of kept) report(finding, options, 'hunted before');
  const rest = chosen.filter((bug) => !kept.some((finding) => finding.bug === bug));
  using progress = new HuntProgress(rest.length);
  const queue = rest.values();
  const work = async (): Promise<void> => {
    for (const bug of queue) {
      const finding = await find(bug, options, progress);
      findings.push(finding);
      progress.over(nameOf(bug));
      record?.add({ ...finding, id: nameOf(bug) });
      report(finding, options, '');
      if (options.page !== undefined) write(options.page, allKnown(known, findings), options);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return findings;
}

/** What is known of each bug, hunted now or before. */
function allKnown(
  known: (bug: PlantedBug) => Found | undefined,
  findings: readonly Found[],
): readonly Finding[] {
  return ALL_BUGS.flatMap((bug) => {
    const finding = findings.find((one) => one.bug === bug) ?? known(bug);
    return finding ? [{ ...finding, bug }] : [];
  });
}

function recordOf({ seeds, seedBase }: Options): SurveyRecord {
  const path = join(root, '.cache/planted-bugs/survey.jsonl');
  return new SurveyRecord(path, { build: buildOf(join(root, 'dist')), seeds, seedBase });
}

function write(page: string, findings: readonly Finding[], { seeds }: Options): void {
  writeSurvey(page, { findings, seeds, bugs: ALL_BUGS });
}

function report(finding: Found, { json }: Options, note: string): void {
  say(json ? JSON.stringify(asRecord(finding)) : `${asRow(finding)} ${note}`.trimEnd());
}

function nameOf(bug: PlantedBug | undefined): string {
  return bug?.id ?? CONTROL;
}

async function find(
  bug: PlantedBug | undefined,
  options: Options,
  progress: HuntProgress,
): Promise<Found> {
  const name = nameOf(bug);
  const onBegun = (begun: number): void => {
    progress.at(name, begun);
  };
  try {
    const hunter = options.hunter ?? bug?.hunter ?? 'seeds';
    const hunting = { ...options, hunter, onBegun };
    return { bug, hunter, ...(await hunt(makeMutant(root, name, bug), hunting)) };
  } finally {
    removeMutant(root, name);
  }
}

function asRecord({ bug, hunter, runs, violation, seconds }: Found): object {
  const found = violation !== undefined;
  return { id: bug?.id ?? CONTROL, area: bug?.area, hunter, found, runs, violation, seconds };
}

function asRow({ bug, hunter, runs, violation, seconds }: Found): string {
  return [
    (bug?.id ?? CONTROL).padEnd(44),
    (bug?.area ?? '').padEnd(12),
    (violation === undefined ? 'not found' : `${UNITS[hunter]} ${String(runs)}`).padEnd(10),
    `${seconds.toFixed(1)} s`.padStart(8),
    ` ${(violation ?? '').slice(0, VIOLATION_CHARS_MAX)}`,
  ].join(' ');
}

/** The control must stay clean: what is found there is a bug that nobody has planted. */
function conclude(findings: readonly Found[], { seeds }: Options): void {
  const planted = findings.flatMap((one) => (one.bug ? [{ ...one, bug: one.bug }] : []));
  const found = planted.filter(({ violation }) => violation !== undefined);
  const unplanted = findings.find(({ bug, violation }) => !bug && violation !== undefined);
  if (unplanted) {
    say(`The product without a planted bug fails: ${unplanted.violation ?? ''}`);
    process.exitCode = 1;
  }
  say(
    `${String(found.length)} of ${String(planted.length)} found within ${String(seeds)} seeds or the crash matrix`,
  );
}
