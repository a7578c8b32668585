import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './run-seed.ts';

/**
 * For processes that run seeds: a collector of garbage in threads of its own takes more from the other
 * seeds than it gives to this one, and nobody reads the stacks of errors.
 */
export const SEED_FLAGS: readonly string[] = ['--single-threaded-gc', '--stack-trace-limit=0'];

const WORKER = fileURLToPath(new URL('worker.js', import.meta.url));

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
  const { first, seeds, jobs, minutes, firstFailure, onOutcome } = options;
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
    await using worker = new Worker(options.environment);
    for (let seed = take(); seed !== undefined; seed = take()) {
      const outcome = await worker.run(seed);
      if (outcome.violation && firstFailure) stopped = true;
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, seeds) }, work));
}

class Worker implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, ...environment };
    this.#child = fork(WORKER, { env, execArgv: [...SEED_FLAGS] });
  }

  /** A worker that dies has failed the seed that it was at. */
  run(seed: number): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const died = (code: number | null, signal: string | null): void => {
        reject(new Error(`The process that ran seed ${seed} ended: ${signal ?? String(code)}`));
      };
      this.#child.once('exit', died);
      this.#child.once('message', (outcome) => {
        this.#child.off('exit', died);
        resolve(outcome as Outcome);
      });
      this.#child.send(seed);
    });
  }

  /** A world that is poisoned must not hear of its end. */
  [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#child.once('close', () => {
        resolve();
      });
      this.#child.kill();
    });
  }
}
