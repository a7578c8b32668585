import { at, isObject, leaves, textAt, type Json } from './json.ts';
import type { Spoken } from './recorded-messages.ts';

/** One thing that is not as recorded. Absent sides were not said, or lack the field. */
export interface Difference {
  readonly message: string;
  /** Absent: the message itself. */
  readonly path?: string;
  readonly theirs?: Json;
  readonly ours?: Json;
}

export interface Comparison {
  /** How many messages stand on both sides, and what they are made of. */
  readonly messages: number;
  readonly fields: number;
  /** Each kind once. */
  readonly differences: readonly Difference[];
}

/** Of two processes, messages about things that have no order among each other; default: none. */
export type Lane = (message: Spoken) => string;

/**
 * Compares message by message between each two processes: TCP orders no more than that. How many
 * equal pings follow one another says only how long the recording went on.
 */
export function compareStories(
  theirs: readonly Spoken[],
  ours: readonly Spoken[],
  lane: Lane = () => '',
): Comparison {
  const comparing = new Comparing();
  const left = byPair(theirs, lane);
  const right = byPair(ours, lane);
  for (const pair of new Set([...left.keys(), ...right.keys()]))
    comparing.pair(left.get(pair) ?? [], right.get(pair) ?? []);
  return comparing.result;
}

class Comparing {
  readonly #differences = new Map<string, Difference>();
  #messages = 0;
  #fields = 0;

  get result(): Comparison {
    const differences = [...this.#differences.values()];
    return { messages: this.#messages, fields: this.#fields, differences };
  }

  pair(theirs: readonly Spoken[], ours: readonly Spoken[]): void {
    const alone: Spoken[] = [];
    const unmatched: Spoken[] = [];
    for (const [a, b] of aligned(theirs, ours)) {
      if (a && b) this.#compare(a, b);
      else if (a) alone.push(a);
      else if (b) unmatched.push(b);
    }
    for (const a of alone) {
      const moved = unmatched.findIndex((b) => subject(a) === subject(b));
      const [b] = moved < 0 ? [] : unmatched.splice(moved, 1);
      if (b) this.#compare(a, b);
      this.#note({
        message: title(a),
        theirs: 'said',
        ...(b && { ours: 'said in another order' }),
      });
    }
    for (const b of unmatched) this.#note({ message: title(b), ours: 'said' });
  }

  #compare(a: Spoken, b: Spoken): void {
    this.#messages += 1;
    this.#fields += leaves(a.fields);
    for (const found of differencesOf(a.fields, b.fields))
      this.#note({ message: title(a), ...found });
  }

  #note(difference: Difference): void {
    this.#differences.set(JSON.stringify(difference), difference);
  }
}

/** From, to, what, and the state or call that it is about. */
function title({ from, to, name, fields }: Spoken): string {
  const what = textAt(fields, 'update.status.state') ?? textAt(fields, 'type') ?? ping(fields);
  const title = [from, '->', to, name.slice(name.lastIndexOf('.') + 1), what ?? ''].join(' ');
  return title.replaceAll(/@127[^ ]*/g, '').trim();
}

const ping = (fields: Json): string | undefined =>
  at(fields, 'connected') === false ? 'disconnected' : undefined;

function byPair(story: readonly Spoken[], lane: Lane): Map<string, Spoken[]> {
  const pairs = new Map<string, Spoken[]>();
  for (const message of story) {
    const pair = `${message.from} -> ${message.to} ${lane(message)}`;
    const said = pairs.get(pair) ?? [];
    pairs.set(pair, said);
    const again = /\.(?:Ping|Pong)SlaveMessage$/.test(message.name) && said.at(-1);
    if (!again || JSON.stringify(again) !== JSON.stringify(message)) said.push(message);
  }
  return pairs;
}

/** The longest common sequence of subjects; what is not part of it stands alone. */
function aligned(
  theirs: readonly Spoken[],
  ours: readonly Spoken[],
): [Spoken | undefined, Spoken | undefined][] {
  const [left, right] = [theirs.map(subject), ours.map(subject)];
  const common = theirs.map(() => ours.map(() => 0));
  const length = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const row = common[i] ?? [];
      const same = left[i] === right[j];
      row[j] = same ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const pairs: [Spoken | undefined, Spoken | undefined][] = [];
  for (let i = 0, j = 0; i < left.length || j < right.length;) {
    if (left[i] === right[j]) pairs.push([theirs[i++], ours[j++]]);
    else if (j >= right.length || (i < left.length && length(i + 1, j) >= length(i, j + 1)))
      pairs.push([theirs[i++], undefined]);
    else pairs.push([undefined, ours[j++]]);
  }
  return pairs;
}

/** What a message is about: its name, the kind of call, the task and update if it is of one. */
export function subject({ name, fields }: Spoken): string {
  const paths = ['type', 'uuid', 'update.uuid', 'acknowledge.uuid', 'task.task_id.value'];
  return [name, ping(fields), ...paths.map((path) => textAt(fields, path))].join(' ');
}

/** The task that a message is about. */
export function taskOf({ fields }: Spoken): string {
  const paths = ['task_id', 'task.task_id', 'update.status.task_id', 'acknowledge.task_id'];
  const found = paths.map((path) => textAt(fields, `${path}.value`));
  return found.find((each) => each !== undefined) ?? '';
}

type Found = Omit<Difference, 'message'> & { readonly path: string };

export function differencesOf(
  theirs: Json | undefined,
  ours: Json | undefined,
  path = '',
): Found[] {
  if (JSON.stringify(theirs) === JSON.stringify(ours)) return [];
  if (isObject(theirs) && isObject(ours)) {
    const keys = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    return [...keys].flatMap((key) =>
      differencesOf(theirs[key], ours[key], path === '' ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(theirs) && Array.isArray(ours) && theirs.length === ours.length) {
    const pairs = theirs.map((each: Json, index) => [each, ours[index] as Json] as const);
    return pairs.flatMap(([a, b]) => differencesOf(a, b, `${path}[]`));
  }
  return [{ path, ...(theirs !== undefined && { theirs }), ...(ours !== undefined && { ours }) }];
}
