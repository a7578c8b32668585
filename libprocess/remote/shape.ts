import type { StandardSchema, SchemaVerdict } from './standard-schema.ts';

/** A schema of a few lines, for programs that need no library of them. */
export interface Shape<T> extends StandardSchema<T> {
  /** For error messages: `a number`. */
  readonly name: string;
  readonly matches: (value: unknown) => value is T;
}

/** The type of what a shape lets pass. */
export type ShapeOf<S> = S extends Shape<infer T> ? T : never;

function shape<T>(name: string, matches: (value: unknown) => value is T): Shape<T> {
  const validate = (value: unknown): SchemaVerdict<T> =>
    matches(value) ? { value } : { issues: [{ message: `it is not ${name}` }] };
  return { name, matches, '~standard': { version: 1, vendor: 'libprocess', validate } };
}

/** Any number, NaN among them. */
export const number = shape('a number', (value): value is number => typeof value === 'number');
/** Any string. */
export const string = shape('a string', (value): value is string => typeof value === 'string');
/** True or false. */
export const boolean = shape('a boolean', (value): value is boolean => typeof value === 'boolean');
/** Bytes, as a `Uint8Array`. */
export const bytes = shape('bytes', (value): value is Uint8Array => value instanceof Uint8Array);
/** No value: what a method takes that has no arguments, or gives that has no result. */
export const nothing = shape(
  'nothing',
  (value): value is undefined | null => value === undefined || value === null,
);

/** Whatever can be sent. */
export const anything = shape('anything', (_value): _value is unknown => true);

export function optional<T>(of: Shape<T>): Shape<T | undefined> {
  return shape(
    `${of.name} or nothing`,
    (value): value is T | undefined => value === undefined || of.matches(value),
  );
}

type Fields = Readonly<Record<string, Shape<unknown>>>;

/** A plain object with these fields; further ones are let pass. */
export function object<F extends Fields>(
  fields: F,
): Shape<{ readonly [K in keyof F]: ShapeOf<F[K]> }> {
  return shape(
    `an object of ${Object.keys(fields).join(', ')}`,
    (value): value is { readonly [K in keyof F]: ShapeOf<F[K]> } =>
      typeof value === 'object' &&
      value !== null &&
      Object.entries(fields).every(([name, of]) => of.matches(Reflect.get(value, name))),
  );
}
