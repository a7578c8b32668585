import { MesosError } from '../../common/errors.ts';

/** A named value as it is stored. */
export interface Entry {
  readonly name: string;
  /** Names this state of the value; never used twice. */
  readonly version: string;
  /** Of the leader that wrote it: each takes a greater one than it found. */
  readonly epoch: number;
  readonly value: Uint8Array;
}

/** A value to be stored. */
export interface NewEntry {
  readonly name: string;
  readonly version: string;
  readonly epoch: number;
  /**
   * The value in pieces, none of which ever changes. A piece that was in the value before is passed
   * again as the same object: a storage may then write what is new only.
   */
  readonly chunks: readonly Uint8Array[];
  /** Names of what was done to it since the version before, for those who watch the writes. */
  readonly operations?: readonly string[];
}

/**
 * `changed`: the stored version is another than was expected. `fenced`: a later leader has written,
 * and this one must stop. In both cases nothing was stored.
 */
export type SetOutcome = 'stored' | 'changed' | 'fenced';

/**
 * Where the registrar keeps the registry. Every write is a compare-and-set on the version and is
 * fenced by the epoch, so that two masters which both believe they lead cannot overwrite one another.
 *
 * Errors: every method rejects with `StorageUnavailableError` when the outcome is unknown.
 */
export interface Storage extends AsyncDisposable {
  get(name: string): Promise<Entry | undefined>;
  /** Stores it durably if the stored version is `expected` (undefined: absent). */
  set(entry: NewEntry, expected: string | undefined): Promise<SetOutcome>;
}

/** The storage did not answer: the write may or may not have happened. Read before trying again. */
export class StorageUnavailableError extends MesosError {
  constructor(operation: string, cause?: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    const what = `Failed to ${operation}: storage is unavailable${why}`;
    super('MESOS_STORAGE_UNAVAILABLE', what, cause);
  }
}

/** What was stored once is not readable any more. */
export class StorageDamagedError extends MesosError {
  constructor(path: string, what: string) {
    super('MESOS_STORAGE_DAMAGED', `'${path}' is damaged: ${what}`);
  }
}

/** What a compare-and-set on `stored` comes to. */
export function outcomeOf(
  stored: Pick<Entry, 'version' | 'epoch'> | undefined,
  epoch: number,
  expected: string | undefined,
): SetOutcome {
  if (stored && epoch < stored.epoch) return 'fenced';
  return stored?.version === expected ? 'stored' : 'changed';
}
