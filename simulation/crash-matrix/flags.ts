import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { STORIES } from './stories.ts';

export const USAGE = `Usage: npm run sim:crashes -- [flags]

Crashes agents and masters at every place where they change a disk, and again in the recovery that
follows, and checks that nothing is lost and all goes on.

  --stories=A,B      which (default: all of ${Object.keys(STORIES).join(', ')})
  --all              every crash one deep, not only one of each kind
  --one-in=N         a part of them, for a quick look
  --jobs=J           processes (default: one for each core)
  --first-failure    begin no more cases after one has failed
  --json             the result as one line of JSON
  --case=ID          run this one alone, such as agent:17.torn@5.kill:3.after.power-nothing
  --trace            ... and print every event
  --help`;

export interface MatrixFlags {
  readonly stories: readonly string[];
  readonly all: boolean;
  readonly oneIn: number;
  readonly jobs: number;
  readonly firstFailure: boolean;
  readonly json: boolean;
  readonly case: string | undefined;
  readonly trace: boolean;
  readonly help: boolean;
}

/** Throws with a text for people. */
export function parseMatrixFlags(argv: readonly string[]): MatrixFlags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      stories: { type: 'string', default: Object.keys(STORIES).join() },
      all: { type: 'boolean', default: false },
      'one-in': { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      'first-failure': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      case: { type: 'string' },
      trace: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const stories = values.stories.split(',');
  const unknown = stories.find((each) => !(each in STORIES));
  if (unknown !== undefined) throw new Error(`There is no story '${unknown}'`);
  return {
    stories,
    all: values.all,
    oneIn: wholeNumber('one-in', values['one-in']),
    jobs: wholeNumber('jobs', values.jobs),
    firstFailure: values['first-failure'],
    json: values.json,
    case: values.case,
    trace: values.trace,
    help: values.help,
  };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`--${name} is a whole number from 1 on, not '${text}'`);
}
