import type { Output } from '../host.ts';

const BAR_COLUMNS = 24;

/** Shows how far a job is: one line that changes for a person, else one line at the end. */
export class ProgressLine {
  readonly #output: Output;
  #written = false;

  constructor(output: Output) {
    this.#output = output;
  }

  show(done: number, total: number, note: string): void {
    if (!this.#output.isTerminal) return;
    const filled = Math.round((done / total) * BAR_COLUMNS);
    const bar = '#'.repeat(filled).padEnd(BAR_COLUMNS, '.');
    this.#output.write(`\r[${bar}] ${done}/${total} ${note}\u001b[K`);
    this.#written = true;
  }

  /** Leaves the line as it is and begins the next. */
  end(): void {
    if (this.#written) this.#output.write('\n');
    this.#written = false;
  }
}
