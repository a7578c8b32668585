import type { Outcome } from './run-seed.ts';
import { SeedWorker } from './seed-worker.ts';

/** A run of a seed is tried with so many choices of faults at most. */
const RUNS_MAX = 100;

export interface Shrunk {
  /** Still fails. */
  readonly outcome: Outcome;
  /** What had to be left out for that: kinds of faults, single ones by their ordinal, parts of the plan. */
  readonly without: readonly string[];
}

/**
 * Leaves out of a failing run what it does not need to fail: whole kinds of faults, then parts of
 * what runs, then single faults. Any failure counts as the failure; most often it is the same.
 */
export async function shrink(failed: Outcome): Promise<Shrunk> {
  await using worker = new SeedWorker();
  const without = new Set<string>();
  let outcome = failed;
  let runs = 0;
  const leaveOut = async (candidate: string): Promise<void> => {
    if (runs >= RUNS_MAX) return;
    runs += 1;
    const tried = await worker.run(failed.seed, [...without, candidate]);
    if (!tried.violation) return;
    without.add(candidate);
    outcome = tried;
  };
  for (const kind of new Set(failed.faults)) await leaveOut(kind);
  for (const part of failed.parts) await leaveOut(part);
  for (const [ordinal, kind] of failed.faults.entries()) {
    if (!without.has(kind)) await leaveOut(String(ordinal));
  }
  return { outcome, without: [...without] };
}
