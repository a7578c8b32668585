export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at `a.b.c`, if anything does. */
export function at(value: Json, path: string): Json | undefined {
  let found: Json | undefined = value;
  for (const key of path.split('.')) found = isObject(found) ? found[key] : undefined;
  return found;
}

export function textAt(value: Json, path: string): string | undefined {
  const found = at(value, path);
  return typeof found === 'string' ? found : undefined;
}

export function listAt(value: Json, path: string): readonly Json[] {
  const found = at(value, path);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

/** How many values there are that are not made of others; one that is empty is one. */
export function leaves(value: Json): number {
  if (typeof value !== 'object' || value === null) return 1;
  const inside = Object.values(value);
  if (inside.length === 0) return 1;
  return inside.reduce((sum: number, each: Json) => sum + leaves(each), 0);
}
