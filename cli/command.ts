import type { ExitCode } from './exit-codes.ts';
import type { FlagTable, FlagValues } from './flags/flag-table.ts';
import type { Host } from './host.ts';

export interface Invocation<T extends FlagTable> {
  readonly host: Host;
  readonly flags: FlagValues<T>;
  /** The flags in force, as text and without secrets. */
  readonly shown: Readonly<Record<string, string>>;
  readonly positionals: readonly string[];
}

/** A command as its own file defines it; loaded only when it runs, or for its help. */
export interface CommandDefinition<T extends FlagTable = FlagTable> {
  readonly flags: T;
  /** Names of the arguments that are no flags; all are required. The last may end in `…`. */
  readonly positionals?: readonly string[];
  /** Command lines worth copying, shown by help. */
  readonly examples: readonly string[];
  run(invocation: Invocation<T>): Promise<ExitCode>;
}

/** Checks a definition and forgets the type of its flags: the caller hands on what it has parsed. */
export function defineCommand<T extends FlagTable>(
  definition: CommandDefinition<T>,
): CommandDefinition {
  return definition;
}
