import { spawn, type ChildProcess } from 'node:child_process';

/** How a child ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const LINE_MS_MAX = 20_000;
const END_MS_MAX = 20_000;

/** A process of this machine, and all that it has written so far. */
export class Child {
  readonly pid: number;
  readonly ended: Promise<ChildEnd>;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #output = '';
  #over = false;

  constructor(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [program = '', ...rest] = argv;
    const child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], ...env },
    });
    if (child.pid === undefined) throw new Error(`Failed to start ${argv.join(' ')}`);
    this.#child = child;
    this.pid = child.pid;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
        this.#changed();
      });
    }
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        this.#over = true;
        resolve({ code, signal });
        this.#changed();
      });
    });
  }

  /** Standard output and error, as they came. */
  get output(): string {
    return this.#output;
  }

  get over(): boolean {
    return this.#over;
  }

  /** What `pattern` matches first, as soon as it was written. Rejects if the child ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(patience);
        this.#watchers.delete(look);
      };
      const give = (why: string): void => {
        settle();
        reject(new Error(`No line ${String(pattern)} ${why}:\n${this.#output}`));
      };
      const look = (): void => {
        const found = pattern.exec(this.#output);
        if (found) {
          settle();
          resolve(found);
        } else if (this.#over) give('before the end');
      };
      const patience = setTimeout(() => give('in time'), LINE_MS_MAX);
      this.#watchers.add(look);
      look();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** `kill -9`, and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** Asks it to end and waits; it must within a bound. */
  async stop(): Promise<ChildEnd> {
    this.signal('SIGTERM');
    return this.end();
  }

  /** Its end, which must come within a bound. */
  async end(): Promise<ChildEnd> {
    const patience = setTimeout(() => this.signal('SIGKILL'), END_MS_MAX);
    const end = await this.ended;
    clearTimeout(patience);
    return end;
  }

  #changed(): void {
    for (const look of [...this.#watchers]) look();
  }
}
