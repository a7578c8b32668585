/** Every sequence of up to `depth` choices that begins with `first`, none left out. */
export function* ordersFrom<T>(
  first: T,
  choices: readonly T[],
  depth: number,
): Generator<readonly T[]> {
  for (let length = 0; length < depth; length += 1) yield* sequences(choices, length, [first]);
}

function* sequences<T>(
  choices: readonly T[],
  length: number,
  before: readonly T[],
): Generator<readonly T[]> {
  if (length === 0) {
    yield before;
    return;
  }
  for (const choice of choices) yield* sequences(choices, length - 1, [...before, choice]);
}

/** How many there are that begin with any of the choices: `choices ** 1 + ... + choices ** depth`. */
export function orderCount(choices: number, depth: number): number {
  let count = 0;
  for (let length = 1; length <= depth; length += 1) count += choices ** length;
  return count;
}
