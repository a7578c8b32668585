import type { Clock } from '../../libprocess/clock.ts';
import type { Disk } from '../../libprocess/disk.ts';
import type { ByteSource } from '../../libprocess/io/byte-streams.ts';
import { redirect } from '../../libprocess/io/redirect.ts';
import type { SpawnOptions, Subprocess, Subprocesses } from '../../libprocess/subprocess.ts';
import { text, type Subject } from './subject.ts';

export type Argv = readonly [string, ...string[]];

/** Programs that behave alike in both worlds. */
export interface Programs {
  /** Ends at once with this code. */
  exit(code: number): Argv;
  /** Prints `out` to descriptor 1 and `err` to 2, then ends with 0. */
  readonly print: Argv;
  /** Copies standard input to standard output, line by line, until it ends. */
  readonly cat: Argv;
  /** Prints each variable of its environment as `name=value`, sorted, a line each. */
  readonly environment: Argv;
  /** Prints its working directory. */
  readonly workingDirectory: Argv;
  /** Does nothing until a signal ends it. */
  readonly sleep: Argv;
  /** Prints `ready` when it has begun to ignore TERM. */
  readonly stubborn: Argv;
  /** Prints the pid of a child that sleeps, then waits for it. */
  readonly parent: Argv;
  /** Prints this many bytes to descriptor 1, then ends with 0. */
  flood(bytes: number): Argv;
  /** Prints the numbers of its open descriptors, ascending, with spaces between. */
  readonly descriptors: Argv;
}

export interface SubprocessSubject extends Subject<Subprocesses> {
  readonly clock: Clock;
  readonly disk: Disk;
  /** An existing directory for the test's files. */
  readonly root: string;
  /** Pid of the process that spawns. */
  readonly pid: number;
  /** Variables that the world itself needs for programs to be found. */
  readonly environment: Readonly<Record<string, string>>;
  readonly programs: Programs;
}

export type OpenSubprocesses = () => Promise<SubprocessSubject>;

/** One test's world, with what each test of this contract needs. */
export class Stage {
  readonly #subject: SubprocessSubject;

  constructor(subject: SubprocessSubject) {
    this.#subject = subject;
  }

  get world(): SubprocessSubject {
    return this.#subject;
  }

  async spawn(argv: Argv, options: Partial<SpawnOptions> = {}): Promise<Subprocess> {
    const { environment } = this.#subject;
    return await this.#subject.it.spawn({ argv, environment, ...options });
  }

  /** Spawns with pipes and collects what is printed. */
  async talk(argv: Argv, options: Partial<SpawnOptions> = {}): Promise<Talk> {
    const child = await this.spawn(argv, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    const printed: Talk['printed'] = { 1: '', 2: '' };
    const keep = (source: ByteSource | undefined, descriptor: 1 | 2): void => {
      const hook = (data: Uint8Array): void => void (printed[descriptor] += text(data));
      if (source) redirect(source, undefined, { hooks: [hook] });
    };
    keep(child.out, 1);
    keep(child.err, 2);
    return { child, printed };
  }

  async until(condition: () => boolean): Promise<void> {
    const { clock } = this.#subject;
    while (!condition()) {
      await new Promise<void>((resolve) => {
        clock.timer(5, resolve);
      });
    }
  }
}

export interface Talk {
  readonly child: Subprocess;
  readonly printed: Record<1 | 2, string>;
}

/** Runs `body` with a fresh world; whatever it awaits moves that on. */
export function on(
  open: OpenSubprocesses,
  body: (stage: Stage) => Promise<void>,
): () => Promise<void> {
  return async () => {
    await using subject = await open();
    await subject.complete(body(new Stage(subject)));
  };
}
