import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run sim -- [flags]

Runs a simulated cluster under faults, once for each seed, and checks what must hold.

  --seeds=N          how many seeds (default: 100)
  --seed-base=B      the first of them (default: 0)
  --jobs=J           processes (default: one for each core)
  --minutes=M        begin no more seeds after so long
  --first-failure    begin no more seeds after one has failed
  --hash-check=N     run so many of them again, in another process, time zone and locale: the same must happen
  --json             the result as one line of JSON
  --seed=S           run this one alone, and say what is in it
  --without=A,B      ... with these faults left out: kinds, or ordinals in the plan
  --trace            ... and print every event
  --help`;

export interface SimFlags {
  readonly seeds: number;
  readonly seedBase: number;
  readonly jobs: number;
  readonly minutes: number;
  readonly firstFailure: boolean;
  readonly hashCheck: number;
  readonly json: boolean;
  readonly seed: number | undefined;
  readonly without: ReadonlySet<string>;
  readonly trace: boolean;
  readonly help: boolean;
}

/** Throws with a text for people. */
export function parseSimFlags(argv: readonly string[]): SimFlags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: { type: 'string', default: '100' },
      'seed-base': { type: 'string', default: '0' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      minutes: { type: 'string', default: 'Infinity' },
      'first-failure': { type: 'boolean', default: false },
      'hash-check': { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
      seed: { type: 'string' },
      without: { type: 'string', default: '' },
      trace: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    seeds: wholeNumber('seeds', values.seeds, 1),
    seedBase: wholeNumber('seed-base', values['seed-base'], 0),
    jobs: wholeNumber('jobs', values.jobs, 1),
    minutes: values.minutes === 'Infinity' ? Infinity : wholeNumber('minutes', values.minutes, 1),
    firstFailure: values['first-failure'],
    hashCheck: wholeNumber('hash-check', values['hash-check'], 0),
    json: values.json,
    seed: values.seed === undefined ? undefined : wholeNumber('seed', values.seed, 0),
    without: new Set(values.without.split(',').filter((each) => each !== '')),
    trace: values.trace,
    help: values.help,
  };
}

function wholeNumber(name: string, text: string, min: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  throw new Error(`--${name} is a whole number from ${min} on, not '${text}'`);
}
