import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { unfinished, type Outcome, type SeedRun } from './run-seed.ts';

/**
 * For processes that run seeds: a collector of garbage in threads of its own takes more from the other
 * seeds than it gives to this one, and nobody reads the stacks of errors.
 */
export const SEED_FLAGS: readonly string[] = ['--single-threaded-gc', '--stack-trace-limit=0'];

const WORKER = fileURLToPath(new URL('worker.js', import.meta.url));
/** Of one seed, by the wall clock: a hundred times as long as most take. */
const HANGS_AFTER_MS = 300_000;

export interface SeedWorkerOptions {
  /** For its process, on top of this one's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** For tests of workers that end otherwise. */
  readonly script?: string;
  readonly hangsAfterMs?: number;
}

/**
 * Runs seeds in a process of its own, one at a time. One whose process ends, or does not come to an end, has
 * failed; the next is run by another process.
 */
export class SeedWorker implements AsyncDisposable {
  readonly #options: SeedWorkerOptions;
  #child: ChildProcess | undefined;

  constructor(options: SeedWorkerOptions = {}) {
    this.#options = options;
  }

  run(seed: number, without: readonly string[] = []): Promise<Outcome> {
    const asked: SeedRun = { seed, without };
    const child = (this.#child ??= this.#fork());
    const { hangsAfterMs = HANGS_AFTER_MS } = this.#options;
    return new Promise((resolve) => {
      const settle = (outcome: Outcome): void => {
        clearTimeout(timer);
        child.off('exit', died).off('message', done);
        resolve(outcome);
      };
      const done = (outcome: unknown): void => {
        settle(outcome as Outcome);
      };
      const died = (code: number | null, signal: string | null): void => {
        this.#child = undefined;
        settle(unfinished(asked, `its process ended: ${signal ?? String(code)}`));
      };
      const timer = setTimeout(() => {
        this.#child = undefined;
        child.kill('SIGKILL');
        settle(unfinished(asked, `it was not over after ${hangsAfterMs / 1_000} s`));
      }, hangsAfterMs);
      child.once('exit', died).once('message', done);
      child.send(asked);
    });
  }

  #fork(): ChildProcess {
    const { environment, script = WORKER } = this.#options;
    const env = { ...process.env, ...environment };
    return fork(script, { env, execArgv: [...SEED_FLAGS] });
  }

  /** A world that is poisoned must not hear of its end. */
  [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    if (!child) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('close', () => {
        resolve();
      });
      child.kill();
    });
  }
}
