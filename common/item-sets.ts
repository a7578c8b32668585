/** The items of a SET value: each once, in the order in which they came. */
export type Items = readonly string[];

export const NO_ITEMS: Items = [];

export function unionItems(left: Items, right: Items): Items {
  if (right.length === 0) return left;
  return [...new Set([...left, ...right])];
}

export function subtractItems(left: Items, right: Items): Items {
  if (right.length === 0 || left.length === 0) return left;
  const taken = new Set(right);
  const rest = left.filter((item) => !taken.has(item));
  return rest.length === left.length ? left : rest;
}

export function containsItems(left: Items, right: Items): boolean {
  if (left === right || right.length === 0) return true;
  const held = new Set(left);
  return right.every((item) => held.has(item));
}

export const equalItems = (left: Items, right: Items): boolean =>
  left.length === right.length && containsItems(left, right);
