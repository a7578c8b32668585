import type { FlagType } from './flag-type.ts';

/** One flag of a command. The key in its table is its name: snake_case, as in Mesos. */
export interface Flag<T> {
  readonly type: FlagType<T>;
  readonly help: string;
  /** As the operator would write it. */
  readonly default?: string;
  readonly required?: boolean;
  /** What a value-less `--flag` means, for a flag that is no switch. */
  readonly bare?: string;
  /** Shown as `(secret)` by `/flags` and in logs. */
  readonly secret?: boolean;
  /** May be given more than once; values are joined with commas. */
  readonly repeatable?: boolean;
  /** A variable of libprocess that sets it where neither the command line nor Mesos's own does. */
  readonly fallback?: `LIBPROCESS_${string}`;
  /** Whether `MESOS_<NAME>` in the environment sets it. Default: true. */
  readonly environment?: boolean;
}

export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

type Valued<F> = F extends { readonly default: string } | { readonly required: true }
  ? true
  : false;

/** What a table's flags are read as: those with a default or that are required are never undefined. */
export type FlagValues<T extends FlagTable> = {
  readonly [K in keyof T]: T[K] extends Flag<infer V>
    ? Valued<T[K]> extends true
      ? V
      : V | undefined
    : never;
};

/** Declares a table, with the type of each flag kept. */
export const flagTable = <const T extends FlagTable>(table: T): T => table;

export const kebab = (name: string): string => name.replaceAll('_', '-');

/** `MESOS_WORK_DIR` of `work_dir`. */
export const variableOf = (name: string): string => `MESOS_${name.toUpperCase()}`;
