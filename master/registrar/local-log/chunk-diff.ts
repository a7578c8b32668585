/** How a value's pieces follow from those before: kept runs of them, and new ones. */
export type Step =
  | { readonly kind: 'keep'; readonly from: number; readonly count: number }
  | { readonly kind: 'insert'; readonly chunk: Uint8Array };

/** How far ahead a kept piece is looked for after a change: first this far, then ever further. */
const LOOK_AHEAD_MIN = 4;
const LOOK_AHEAD_MAX = 16_384;

type Chunks = readonly Uint8Array[];

/**
 * The steps from `before` to `after`. Pieces are compared as objects, so the cost does not depend on
 * their size. A change of more than `LOOK_AHEAD_MAX` pieces in one place makes the rest new, which is
 * right, only longer.
 */
export function diffChunks(before: Chunks, after: Chunks): readonly Step[] {
  const steps: Step[] = [];
  let old = 0;
  let next = 0;
  while (next < after.length) {
    const from = old;
    for (; next < after.length && before[old] === after[next]; next += 1) old += 1;
    if (old > from) steps.push({ kind: 'keep', from, count: old - from });
    const resumed = resume(before, after, { old, next });
    for (const chunk of after.slice(next, resumed.next)) steps.push({ kind: 'insert', chunk });
    ({ old, next } = resumed);
  }
  return steps;
}

interface Place {
  readonly old: number;
  readonly next: number;
}

/** The next place from `at` on where both have the same piece, or the end of `after`. */
function resume(before: Chunks, after: Chunks, at: Place): Place {
  for (let ahead = LOOK_AHEAD_MIN; ahead <= LOOK_AHEAD_MAX; ahead *= 4) {
    if (at.old >= before.length) break;
    const places = new Map<Uint8Array, number>();
    for (const [index, chunk] of before.slice(at.old, at.old + ahead).entries()) {
      if (!places.has(chunk)) places.set(chunk, at.old + index);
    }
    for (const [index, chunk] of after.slice(at.next, at.next + ahead).entries()) {
      const old = places.get(chunk);
      if (old !== undefined) return { old, next: at.next + index };
    }
  }
  return { old: before.length, next: after.length };
}

export function applySteps(before: Chunks, steps: readonly Step[]): Chunks {
  const after: Uint8Array[] = [];
  for (const step of steps) {
    if (step.kind === 'insert') after.push(step.chunk);
    else for (const chunk of before.slice(step.from, step.from + step.count)) after.push(chunk);
  }
  return after;
}
