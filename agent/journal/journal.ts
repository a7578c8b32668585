import type { WritePoint } from './write-point.ts';

/** A place in a journal: records become durable in the order of their numbers; 0 always is. */
export type Lsn = number;

/**
 * One change to the meta directory. Paths are relative to it and use `/`; missing parents are made.
 * Each can be done twice with the same result, which is what makes replay safe.
 */
export type JournalOp =
  /** The whole file, replaced atomically. Mode 0o600 unless given. */
  | {
      readonly kind: 'put';
      readonly path: string;
      readonly bytes: Uint8Array;
      readonly mode?: number;
    }
  /** The file is cut to `offset`, then `bytes` follow. */
  | {
      readonly kind: 'append';
      readonly path: string;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  /** Mode 0o755 unless given. */
  | { readonly kind: 'directory'; readonly path: string; readonly mode?: number }
  /** `path` points to `target`, whatever it was before. */
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  /** The whole tree, harmless if absent. */
  | { readonly kind: 'remove'; readonly path: string };

/**
 * What becomes of a record while the disk is full: `hold` keeps it, in order, and tries again until
 * there is room; `refuse` gives it up and tells whoever waits for it.
 */
export type WhenFull = 'hold' | 'refuse';

/**
 * Where the agent's checkpoints become durable. Handlers stay synchronous:
 *
 * ```ts
 * const lsn = journal.append(op, 'task-info', 'refuse');
 * journal.after(lsn, this.defer(() => this.#launch(task)), () => this.#noteRefused(task));
 * ```
 *
 * All that is appended before the event loop turns is committed together, whole or not at all: one
 * write and one fdatasync. What was committed is then carried out on the plain files of Mesos's layout,
 * which may be some commits behind: only the next recovery reads them.
 */
export interface Journal {
  /** Buffers one change and returns its place. Never waits; `bytes` must not change afterwards. */
  append(op: JournalOp, point: WritePoint, whenFull?: WhenFull): Lsn;
  /**
   * Runs `thunk` once all up to `lsn` is durable, in order of `lsn`; at once if it is.
   * An actor passes `this.defer(...)`, so that it runs in its turn and not after its end.
   *
   * If the record at `lsn` is refused, `refused` runs instead, in the middle of whatever the journal
   * was doing and before anything else can be appended: it may only take note, and `defer` the rest.
   */
  after(lsn: Lsn, thunk: () => void, refused?: () => void): void;
  /** Resolves when all appended so far is durable; rejects if the journal failed. */
  flush(): Promise<void>;
  /** Flushes, syncs every plain file and removes the journal's own: a clean stop leaves none. */
  close(): Promise<void>;
}
