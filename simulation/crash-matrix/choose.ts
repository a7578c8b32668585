import { formatCase, type Crash } from './crash.ts';
import { choicesAt, type Choice, type Site } from './site.ts';

/** A case to be run, and of what class its last crash is. */
export interface Chosen {
  readonly id: string;
  readonly name: string;
}

/** Where a case ended, and all crashes that there could be after that. */
export interface Continuation {
  readonly story: string;
  readonly crashes: readonly Crash[];
  readonly sites: readonly Site[];
}

/** What was chosen of how much. */
export interface Chosens {
  readonly chosen: readonly Chosen[];
  /** All that could have been. */
  readonly choices: number;
  /** Among them are so many that differ in write point, operation, file, moment or end. */
  readonly classes: number;
}

/**
 * One crash of each class, or all. Of a class it is not always the first: another write of the same
 * kind finds the story elsewhere.
 */
export function chooseEach(after: Continuation, { all }: { readonly all: boolean }): Chosens {
  const byName = new Map<string, Choice[]>();
  const choices = choicesOf(after);
  for (const choice of choices) {
    byName.set(choice.name, [...(byName.get(choice.name) ?? []), choice]);
  }
  const chosen = all
    ? choices
    : [...byName.values()].flatMap(
        (alike) => alike[hash(alike[0]?.name ?? '') % alike.length] ?? [],
      );
  return {
    chosen: chosen.map((choice) => asCase(after, choice)),
    choices: choices.length,
    classes: byName.size,
  };
}

/**
 * One more crash after each of many cases, of the kind that was chosen least so far; and more until each
 * position at each write point that is ever reached was chosen, unless there shall be no `more`.
 */
export function chooseNext(
  many: readonly Continuation[],
  { more }: { readonly more: boolean },
): Chosens {
  const counts = new Map<string, number>();
  const positions = new Set<string>();
  const chosen: Chosen[] = [];
  let choices = 0;
  const take = (after: Continuation, choice: Choice): void => {
    for (const position of choice.positions) positions.add(position);
    chosen.push(asCase(after, choice));
  };
  for (const [index, after] of many.entries()) {
    const here = choicesOf(after);
    choices += here.length;
    for (const { name } of here) if (!counts.has(name)) counts.set(name, 0);
    const rarest = rarestOf(here, counts, index);
    if (rarest) take(after, rarest);
  }
  for (const after of more ? many : []) {
    for (const choice of choicesOf(after)) {
      if (!choice.positions.every((position) => positions.has(position))) take(after, choice);
    }
  }
  return { chosen, choices, classes: counts.size };
}

function rarestOf(
  choices: readonly Choice[],
  counts: Map<string, number>,
  index: number,
): Choice | undefined {
  let rarest: Choice | undefined;
  const countOf = ({ name }: Choice): number => counts.get(name) ?? 0;
  for (let step = 0; step < choices.length; step += 1) {
    // Begins elsewhere each time, so that it is not always the first of a class.
    const choice = choices[(step + index * STRIDE) % choices.length];
    if (choice && (!rarest || countOf(choice) < countOf(rarest))) rarest = choice;
  }
  if (rarest) counts.set(rarest.name, countOf(rarest) + 1);
  return rarest;
}

const choicesOf = ({ sites }: Continuation): readonly Choice[] =>
  sites.flatMap((site, index) => choicesAt(site, index + 1));

const asCase = ({ story, crashes }: Continuation, { crash, name }: Choice): Chosen => ({
  id: formatCase({ story, crashes: [...crashes, crash] }),
  name: `${story} ${name}`,
});

function hash(text: string): number {
  let value = 0;
  for (let index = 0; index < text.length; index += 1) {
    value = (Math.imul(value, 31) + text.charCodeAt(index)) >>> 0;
  }
  return value;
}

const STRIDE = 37;
