import type { CallLimits } from '../dispatch.ts';
import type { Duration } from '../duration.ts';
import { RuntimeError } from '../errors.ts';
import type { Future } from '../future.ts';
import type { MessageType } from '../message.ts';
import type { UPID } from '../upid.ts';
import type { StandardSchema } from './standard-schema.ts';

/** What arguments and results are checked with on both sides: any Standard Schema, or a wire type. */
export type Schema = StandardSchema | MessageType<unknown>;

/** What is given to a schema. */
export type InputOf<S> =
  S extends StandardSchema<unknown, unknown>
    ? NonNullable<S['~standard']['types']>['input']
    : S extends MessageType<infer M>
      ? M
      : never;
/** What it makes of that: the same, unless it fills in defaults or converts. */
export type OutputOf<S> =
  S extends StandardSchema<unknown, unknown>
    ? NonNullable<S['~standard']['types']>['output']
    : S extends MessageType<infer M>
      ? M
      : never;

/** How long the answer to a call may take unless its protocol or its caller says otherwise. */
export const CALL_TIMEOUT: Duration = '5s';

/** A method that is answered, as `call` makes it. */
export interface CallMethod<A extends Schema = Schema, R extends Schema = Schema> {
  readonly kind: 'call';
  readonly args: A;
  readonly result: R;
  readonly timeout: Duration;
}

/** A method that is not, as `cast` makes it. */
export interface CastMethod<A extends Schema = Schema> {
  readonly kind: 'cast';
  readonly args: A;
}

/** What a protocol consists of, by name. */
export type Methods = Readonly<Record<string, CallMethod | CastMethod>>;

/** What other nodes may ask of a process, and with what: both sides import the same one. */
export interface Protocol<M extends Methods = Methods> {
  readonly name: string;
  readonly methods: M;
}

/** A method that is answered: `call(z.object({ key: z.string() }), z.string().nullable())`. */
export function call<A extends Schema, R extends Schema>(
  args: A,
  result: R,
  { timeout = CALL_TIMEOUT }: { readonly timeout?: Duration } = {},
): CallMethod<A, R> {
  return { kind: 'call', args, result, timeout };
}

/** A method that is not: its caller does not even learn whether it arrived. */
export function cast<A extends Schema>(args: A): CastMethod<A> {
  return { kind: 'cast', args };
}

/**
 * Declares a protocol; its name tells it from others that a process serves. A method cannot be called
 * `then`, which would make clients awaitable.
 */
export function protocol<const M extends Methods>(name: string, methods: M): Protocol<M> {
  if (name === '') throw new RuntimeError('INVALID_PROTOCOL', 'A protocol has a name');
  if (Object.hasOwn(methods, 'then'))
    throw new RuntimeError('INVALID_PROTOCOL', `A method of '${name}' cannot be called 'then'`);
  return { name, methods };
}

/** Arguments may be left out if nothing is a valid one. */
type Optional<A, More extends unknown[]> = undefined extends A
  ? [args?: A, ...More]
  : [args: A, ...More];

/** A process of another node, as its protocol shows it. */
export type Remote<P> =
  P extends Protocol<infer M>
    ? {
        readonly [K in keyof M]: M[K] extends CallMethod<infer A, infer R>
          ? (...args: Optional<InputOf<A>, [limits?: CallLimits]>) => Future<OutputOf<R>>
          : M[K] extends CastMethod<infer A>
            ? (...args: Optional<InputOf<A>, []>) => void
            : never;
      }
    : never;

/** What answers a protocol: `class KvProcess extends RemoteProcess implements Server<typeof Kv>`. */
export type Server<P> =
  P extends Protocol<infer M>
    ? {
        readonly [K in keyof M]: M[K] extends CallMethod<infer A, infer R>
          ? (args: OutputOf<A>, from: UPID) => InputOf<R> | PromiseLike<InputOf<R>>
          : M[K] extends CastMethod<infer A>
            ? (args: OutputOf<A>, from: UPID) => void
            : never;
      }
    : never;
