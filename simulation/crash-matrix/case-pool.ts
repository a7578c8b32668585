import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SEED_FLAGS } from '../seed-worker.ts';
import type { CaseOutcome } from './run-case.ts';

const WORKER = fileURLToPath(new URL('worker.js', import.meta.url));

/** Processes that run cases, each given the next when it has done one. Killed when disposed. */
export class CasePool implements Disposable {
  readonly #workers: readonly ChildProcess[];
  readonly #onOutcome: (outcome: CaseOutcome) => void;
  /** Begins no more cases. */
  stopped = false;

  constructor(jobs: number, onOutcome: (outcome: CaseOutcome) => void) {
    this.#workers = Array.from({ length: jobs }, () => fork(WORKER, { execArgv: [...SEED_FLAGS] }));
    this.#onOutcome = onOutcome;
  }

  /** In the order of `ids`, whatever is ready first; less those that were never begun. */
  async run(ids: readonly string[]): Promise<readonly CaseOutcome[]> {
    const outcomes = new Map<string, CaseOutcome>();
    const rest = ids.values();
    const work = async (worker: ChildProcess): Promise<void> => {
      for (const id of rest) {
        if (this.stopped) return;
        const outcome = await one(worker, id);
        outcomes.set(id, outcome);
        this.#onOutcome(outcome);
      }
    };
    await Promise.all(this.#workers.map(work));
    return ids.flatMap((id) => outcomes.get(id) ?? []);
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.kill();
  }
}

/** A worker that dies has failed the case that it was at. */
function one(worker: ChildProcess, id: string): Promise<CaseOutcome> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null, signal: string | null): void => {
      reject(new Error(`The process that ran case ${id} ended: ${signal ?? String(code)}`));
    };
    worker.once('exit', died);
    worker.once('message', (outcome) => {
      worker.off('exit', died);
      resolve(outcome as CaseOutcome);
    });
    worker.send(id);
  });
}
