import { chooseEach, chooseNext, type Chosen, type Chosens, type Continuation } from './choose.ts';
import { parseCase } from './crash.ts';
import type { CaseOutcome } from './run-case.ts';
import { WRITE_POINTS } from './write-points.ts';

/** Runs cases, in any order. */
export type RunCases = (ids: readonly string[]) => Promise<readonly CaseOutcome[]>;

export interface MatrixOptions {
  readonly stories: readonly string[];
  /** Every crash there is, one deep, and not only one of each class. */
  readonly all: boolean;
  /** Of those chosen, one in so many: for a quick look. Default: each. */
  readonly oneIn?: number;
}

export interface Depth extends Pick<Chosens, 'choices' | 'classes'> {
  readonly run: number;
}

export interface MatrixResult {
  readonly failures: readonly CaseOutcome[];
  readonly cases: number;
  /** One and two crashes deep. */
  readonly depths: readonly Depth[];
  /** Write points that nothing has written at. */
  readonly unreached: readonly string[];
}

/**
 * The crash matrix: each story as it is, then with one crash at each place where it changes a disk, then
 * with another in what follows.
 */
export async function runMatrix(options: MatrixOptions, run: RunCases): Promise<MatrixResult> {
  const { stories, all, oneIn = 1 } = options;
  const some = ({ chosen }: Chosens): readonly Chosen[] =>
    chosen.filter((_, index) => index % oneIn === 0);
  const whole = await run(stories);
  const first = whole.map((outcome) => chooseEach(continuationOf(outcome), { all }));
  const firstCases = first.flatMap(some);
  const once = await run(firstCases.map(({ id }) => id));
  const held = once.filter(({ violation }) => violation === undefined);
  const next = chooseNext(held.map(continuationOf), { more: oneIn === 1 });
  const nextCases = next.chosen;
  const twice = await run(nextCases.map(({ id }) => id));
  const outcomes = [...whole, ...once, ...twice];
  return {
    failures: outcomes.filter(({ violation }) => violation !== undefined),
    cases: outcomes.length,
    depths: [
      {
        choices: sum(first.map(({ choices }) => choices)),
        classes: sum(first.map(({ classes }) => classes)),
        run: firstCases.length,
      },
      { choices: next.choices, classes: next.classes, run: nextCases.length },
    ],
    unreached: unreached(outcomes),
  };
}

function continuationOf({ id, sites }: CaseOutcome): Continuation {
  return { ...parseCase(id), sites };
}

function unreached(outcomes: readonly CaseOutcome[]): readonly string[] {
  const reached = new Set(outcomes.flatMap(({ sites }) => sites.flatMap(({ points }) => points)));
  return WRITE_POINTS.filter((point) => !reached.has(point));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
