type DefinedKeys<T> = { [K in keyof T]: undefined extends T[K] ? never : K }[keyof T];

/** `T` with each field that may be undefined made optional instead. */
export type Compact<T> = { [K in DefinedKeys<T>]: T[K] } & {
  [K in Exclude<keyof T, DefinedKeys<T>>]?: Exclude<T[K], undefined>;
};

/** `fields` without those that are undefined: on the wire a field is there or it is not. */
export function compact<T extends object>(fields: T): Compact<T> {
  const kept: Partial<T> = {};
  for (const name of Object.keys(fields) as (keyof T)[]) {
    const value = fields[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept as Compact<T>; // Just what the type says: undefined left out.
}
