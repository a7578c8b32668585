/** Values may be nested this deep. */
export const DEPTH_MAX = 64;

/** What in a value is not plain. */
export interface Misfit {
  /** Where: `user.visits[2]`; empty if it is the value itself. */
  path: string;
  /** That which is there: `a Date`. */
  readonly what: string;
}

/**
 * The first thing in `value`, which is at `depth` itself, that message pack has no word for; undefined
 * if there is none. Goes no deeper than `DEPTH_MAX`, so that what holds itself is one, too.
 */
export function misfitOf(value: unknown, depth: number): Misfit | undefined {
  if (depth > DEPTH_MAX) return { path: '', what: `nested deeper than ${DEPTH_MAX} levels` };
  switch (typeof value) {
    case 'object':
      if (value === null || value instanceof Uint8Array) return undefined;
      return Array.isArray(value) ? inArray(value, depth) : inObject(value, depth);
    case 'function':
    case 'symbol':
      return { path: '', what: `a ${typeof value}` };
    default:
      return undefined;
  }
}

function inArray(values: readonly unknown[], depth: number): Misfit | undefined {
  for (let index = 0; index < values.length; index += 1) {
    const misfit = misfitOf(values[index], depth + 1);
    if (misfit) return within(`[${index}]`, misfit);
  }
  return undefined;
}

function inObject(value: object, depth: number): Misfit | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isPlain(prototype)) return { path: '', what: named(value, prototype) };
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    const misfit = misfitOf(Reflect.get(value, key), depth + 1);
    if (misfit) return within(key, misfit);
  }
  return undefined;
}

/** That of object literals, of this realm or of another one, or none. */
const isPlain = (prototype: unknown): boolean =>
  prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;

/** The path is made only on the way back, once something was found. */
function within(step: string, misfit: Misfit): Misfit {
  const joint = misfit.path === '' || misfit.path.startsWith('[') ? '' : '.';
  misfit.path = step + joint + misfit.path;
  return misfit;
}

function named(value: object, prototype: unknown): string {
  const { constructor: made } = prototype as { readonly constructor?: unknown };
  const name = typeof made === 'function' && made.name ? made.name : 'object';
  const article = /^[AEIOUaeiou]/.test(name) ? 'an' : 'a';
  const forgotten = value instanceof Promise ? ' (an await is missing)' : '';
  return `${article} ${name}${forgotten}`;
}
