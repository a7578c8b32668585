import {
  CONTENTS_SURVIVE,
  EVERYTHING_SURVIVES,
  NAMES_SURVIVE,
  NOTHING_SURVIVES,
  type Survival,
} from '../../libprocess/sim/file-system/survival.ts';

/** How a life ends: `kill -9`, or a power cut and what it leaves of that which was not synced. */
export const ENDS = [
  'kill',
  'power-nothing',
  'power-names',
  'power-contents',
  'power-everything',
  'power-seed',
] as const;

export type End = (typeof ENDS)[number];

const SURVIVALS: Readonly<Partial<Record<End, Survival>>> = {
  'power-nothing': NOTHING_SURVIVES,
  'power-names': NAMES_SURVIVE,
  'power-contents': CONTENTS_SURVIVE,
  'power-everything': EVERYTHING_SURVIVES,
};

/** What the power cut leaves; undefined: by the seed. */
export const survivalOf = (end: End): Survival | undefined => SURVIVALS[end];

/** Before the operation, in the midst of a write after so many bytes, or when it has been done. */
export type Moment = 'before' | 'after' | { readonly tornAt: number };

export interface Crash {
  /** Counts the changes of the disk from 1: from where the story is watched, or from the crash before. */
  readonly at: number;
  readonly moment: Moment;
  readonly end: End;
}

/** A story, and where it crashes: none, once, or once more in what follows. */
export interface CrashCase {
  readonly story: string;
  readonly crashes: readonly Crash[];
}

/** For instance `agent:17.torn@5.power-nothing:3.after.kill`. */
export function formatCase({ story, crashes }: CrashCase): string {
  return [story, ...crashes.map(formatCrash)].join(':');
}

const formatCrash = ({ at, moment, end }: Crash): string =>
  `${at}.${typeof moment === 'string' ? moment : `torn@${moment.tornAt}`}.${end}`;

/** Throws with a text for people. */
export function parseCase(text: string): CrashCase {
  const [story = '', ...crashes] = text.split(':');
  return { story, crashes: crashes.map(parseCrash) };
}

function parseCrash(text: string): Crash {
  const [, at, when, tornAt, end] =
    /^(\d+)\.(before|after|torn@(\d+))\.([a-z-]+)$/.exec(text) ?? [];
  const known = ENDS.find((each) => each === end);
  if (at === undefined || !known) {
    throw new Error(`'${text}' is no crash such as 17.before.kill or 4.torn@5.power-nothing`);
  }
  const moment: Moment = when === 'before' || when === 'after' ? when : { tornAt: Number(tornAt) };
  return { at: Number(at), moment, end: known };
}
