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

/** A choice at one site of a case; sites count from 1. */
interface Place {
  readonly at: number;
  readonly choice: Choice;
}

/**
 * One crash of each kind, or all. Of a kind it is not always the first: another write of the same
 * kind finds the story elsewhere.
 */
export function chooseEach(after: Continuation, { all }: { readonly all: boolean }): Chosens {
  const byName = new Map<string, Place[]>();
  const places = [...placesOf(after)];
  for (const place of places) {
    const alike = byName.get(place.choice.name);
    if (alike) alike.push(place);
    else byName.set(place.choice.name, [place]);
  }
  const chosen = all
    ? places
    : [...byName].flatMap(([name, alike]) => alike[hash(name) % alike.length] ?? []);
  return {
    chosen: chosen.map((place) => asCase(after, place)),
    choices: places.length,
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
  const take = (after: Continuation, place: Place): void => {
    for (const position of place.choice.positions) positions.add(position);
    chosen.push(asCase(after, place));
  };
  for (const [index, after] of many.entries()) {
    const places = [...placesOf(after)];
    choices += places.length;
    const rarest = rarestOf(places, counts, index);
    if (rarest) take(after, rarest);
  }
  for (const after of more ? many : []) {
    for (const place of placesOf(after)) {
      if (!place.choice.positions.every((position) => positions.has(position))) take(after, place);
    }
  }
  return { chosen, choices, classes: counts.size };
}

function rarestOf(
  places: readonly Place[],
  counts: Map<string, number>,
  index: number,
): Place | undefined {
  let rarest: Place | undefined;
  let least = Infinity;
  for (let step = 0; step < places.length; step += 1) {
    // Begins elsewhere each time, so that it is not always the first of a kind.
    const place = places[(step + index * STRIDE) % places.length];
    if (!place) continue;
    const { name } = place.choice;
    const count = counts.get(name);
    if (count === undefined) counts.set(name, 0);
    if ((count ?? 0) >= least) continue;
    least = count ?? 0;
    rarest = place;
  }
  if (rarest) counts.set(rarest.choice.name, least + 1);
  return rarest;
}

function* placesOf({ sites }: Continuation): Generator<Place> {
  for (const [index, site] of sites.entries()) {
    for (const choice of choicesAt(site)) yield { at: index + 1, choice };
  }
}

function asCase({ story, crashes }: Continuation, { at, choice }: Place): Chosen {
  const { moment, end, name } = choice;
  return {
    id: formatCase({ story, crashes: [...crashes, { at, moment, end }] }),
    name: `${story} ${name}`,
  };
}

function hash(text: string): number {
  let value = 0;
  for (let index = 0; index < text.length; index += 1) {
    value = (Math.imul(value, 31) + text.charCodeAt(index)) >>> 0;
  }
  return value;
}

const STRIDE = 37;
