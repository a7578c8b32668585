import { spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { identity, inspect } from './processes.ts';

/** A shell command that runs until it is told the exit code to end with. Waits without polling. */
export class GatedTask {
  readonly id: string;
  readonly #gate: number;
  readonly #path: string;

  /** @param directory where its FIFO and its pid are kept. */
  constructor(directory: string, id: string) {
    this.id = id;
    this.#path = `${directory}/${id}`;
    const { status, stderr } = spawnSync('mkfifo', [`${this.#path}.gate`]);
    if (status !== 0) throw new Error(String(stderr));
    // Open for both: what is written waits for a reader that may yet have to come.
    this.#gate = openSync(`${this.#path}.gate`, constants.O_RDWR);
  }

  /** Shell text that writes its pid, complete with a newline, and waits. */
  get text(): string {
    return `echo $$ > ${this.#path}.pid; read code < ${this.#path}.gate; exit $code`;
  }

  /** 0 until it runs. */
  get pid(): number {
    const path = `${this.#path}.pid`;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return text.endsWith('\n') ? Number(text) : 0;
  }

  /** Tells its process from any other. */
  get identity(): string {
    return identity(this.pid);
  }

  get lives(): boolean {
    return this.pid !== 0 && inspect(this.pid) !== undefined;
  }

  /** Ends the command, now or as soon as it waits. */
  exit(code: number): void {
    writeSync(this.#gate, `${code}\n`);
  }

  [Symbol.dispose](): void {
    closeSync(this.#gate);
  }
}
