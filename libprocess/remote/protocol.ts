import type { Shape, ShapeOf } from './shape.ts';

/** What one method takes and gives. */
export interface MethodShape {
  readonly args: readonly Shape<unknown>[];
  readonly returns: Shape<unknown>;
}

/** Shapes of arguments and result by the name of the method. */
export type Methods = Readonly<Record<string, MethodShape>>;

/** What another node may call of a process, and with what: both sides import the same one. */
export interface Protocol<M extends Methods = Methods> {
  readonly methods: M;
}

/** The arguments of a method, as types. */
export type ArgumentsOf<S extends MethodShape> = Unwrapped<S['args']>;
type Unwrapped<A extends readonly Shape<unknown>[]> = {
  -readonly [K in keyof A]: ShapeOf<A[K]>;
};
/** The result of a method, as a type. */
export type ResultOf<S extends MethodShape> = ShapeOf<S['returns']>;

/** What a process does for each method. A result may come later. */
export type Handlers<M extends Methods> = {
  readonly [K in keyof M]: (
    ...args: ArgumentsOf<M[K]>
  ) => ResultOf<M[K]> | PromiseLike<ResultOf<M[K]>>;
};

/** Declares a protocol: `protocol({ increment: { args: [number], returns: number } })`. */
export function protocol<const M extends Methods>(methods: M): Protocol<M> {
  return { methods };
}

/** Why `args` do not fit; undefined if they do. */
export function misfit(
  { args: shapes }: MethodShape,
  args: readonly unknown[],
): string | undefined {
  if (args.length > shapes.length) return `takes ${shapes.length} arguments, not ${args.length}`;
  const index = shapes.findIndex((shape, position) => !shape.matches(args[position]));
  const shape = shapes[index];
  return shape && `argument ${index + 1} is not ${shape.name}`;
}
