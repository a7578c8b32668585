import type { Duration } from '../duration.ts';
import type { PID } from '../pid.ts';
import type { Process } from '../process.ts';

/**
 * Whether a child that has ended is started again: always, only if it failed, or never. One whose
 * handler threw has failed; one that was terminated has not.
 */
export type Restart = 'permanent' | 'transient' | 'temporary';

/**
 * Who is started again with a child: nobody, all, or those that were started after it, for they may
 * depend on it.
 */
export type Strategy = 'one-for-one' | 'one-for-all' | 'rest-for-one';

/** More than `intensity` restarts within `period` are too many. */
export interface RestartLimits {
  readonly intensity: number;
  readonly period: Duration;
}

/** How to make a child, and what to do when it ends. */
export interface ChildSpec<T extends Process = Process> {
  /** Names the child among its siblings. */
  readonly id: string;
  /** Makes the process, anew for each start. */
  readonly start: () => T;
  /** Default: permanent. */
  readonly restart?: Restart;
  /**
   * How long it may go on with what waits in its mailbox when it is stopped; then, or with `kill` at
   * once, it ends. A child that is a supervisor has the time that it gives itself. Default: 5 s.
   */
  readonly shutdown?: Duration | 'kill';
  /** Counts the restarts of this child apart from those of its siblings. */
  readonly limits?: RestartLimits;
  /** Hears of each start: a PID is one process, and its successor has another. */
  started?(pid: PID<T>): void;
}
