import type { Outcome } from './run-seed.ts';
import { SeedWorker } from './seed-worker.ts';

export interface CampaignOptions {
  readonly first: number;
  readonly seeds: number;
  readonly jobs: number;
  /** No seed is begun after so much real time. */
  readonly minutes: number;
  /** No seed is begun after one has failed. */
  readonly firstFailure: boolean;
  /** Nor after this. */
  readonly signal?: AbortSignal;
  /** For workers, on top of this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Runs seeds in processes of their own, each given the next when it has done one. */
export async function runCampaign(options: CampaignOptions): Promise<void> {
  const { first, seeds, jobs, minutes, firstFailure, environment, onOutcome } = options;
  const endsAtMs = performance.now() + minutes * 60_000;
  let next = first;
  let stopped = false;
  const take = (): number | undefined => {
    if (stopped || options.signal?.aborted === true) return undefined;
    if (next >= first + seeds || performance.now() > endsAtMs) return undefined;
    next += 1;
    return next - 1;
  };
  const work = async (): Promise<void> => {
    await using worker = new SeedWorker(environment && { environment });
    for (let seed = take(); seed !== undefined; seed = take()) {
      const outcome = await worker.run(seed);
      if (outcome.violation && firstFailure) stopped = true;
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, seeds) }, work));
}
