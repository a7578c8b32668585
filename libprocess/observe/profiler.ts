import type { Future } from '../future.ts';
import { RuntimeError } from '../errors.ts';

/** Profiling could not be begun or ended: `NOT_RUNNING`, `ALREADY_RUNNING`, or what the engine says. */
export class ProfilerError extends RuntimeError {}

/** Finds out what the operating-system process of a node spends its time and memory on. */
export interface Profiler {
  /** Begins to sample the stack. Fails with `ProfilerError`. */
  startCpu(): Future<void>;
  /** Ends it. The profile is JSON in the form of `.cpuprofile`, for any browser's tools. */
  stopCpu(): Future<Uint8Array>;
  /** Begins to sample allocations. Fails with `ProfilerError`. */
  startHeap(): Future<void>;
  /** Ends it. The profile is JSON in the form of `.heapprofile`: what was allocated since and is still there. */
  stopHeap(): Future<Uint8Array>;
  /** Sizes in bytes and counts, by name. */
  heapStatistics(): Readonly<Record<string, number>>;
}
