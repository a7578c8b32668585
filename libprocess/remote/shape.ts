/** What a value from another node must look like. */
export interface Shape<T> {
  /** For error messages: `a number`. */
  readonly name: string;
  matches(value: unknown): value is T;
}

/** The type of what a shape lets pass. */
export type ShapeOf<S> = S extends Shape<infer T> ? T : never;

function primitive<T>(name: string, type: string): Shape<T> {
  return { name, matches: (value): value is T => typeof value === type };
}

/** Any number, NaN among them. */
export const number: Shape<number> = primitive('a number', 'number');
/** Any string. */
export const string: Shape<string> = primitive('a string', 'string');
/** True or false. */
export const boolean: Shape<boolean> = primitive('a boolean', 'boolean');
/** No value: how a method answers that has no result. */
export const nothing: Shape<undefined | null> = {
  name: 'nothing',
  matches: (value): value is undefined | null => value === undefined || value === null,
};
/** Bytes, as a `Uint8Array`. */
export const bytes: Shape<Uint8Array> = {
  name: 'bytes',
  matches: (value): value is Uint8Array => value instanceof Uint8Array,
};

export function arrayOf<T>(element: Shape<T>): Shape<T[]> {
  return {
    name: `an array, each ${element.name}`,
    matches: (value): value is T[] =>
      Array.isArray(value) && value.every((each) => element.matches(each)),
  };
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    name: `${shape.name} or nothing`,
    matches: (value): value is T | undefined => value === undefined || shape.matches(value),
  };
}

type Fields = Readonly<Record<string, Shape<unknown>>>;

/** A plain object with these fields; further ones are let pass. */
export function object<F extends Fields>(
  fields: F,
): Shape<{ readonly [K in keyof F]: ShapeOf<F[K]> }> {
  return {
    name: `an object of ${Object.keys(fields).join(', ')}`,
    matches: (value): value is { readonly [K in keyof F]: ShapeOf<F[K]> } =>
      typeof value === 'object' &&
      value !== null &&
      Object.entries(fields).every(([name, shape]) => shape.matches(Reflect.get(value, name))),
  };
}
