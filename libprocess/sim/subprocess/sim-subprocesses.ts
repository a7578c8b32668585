import type { Millis } from '../../clock.ts';
import { SubprocessError } from '../../errors.ts';
import { type Future, FuturePromise } from '../../future.ts';
import type { Runtime } from '../../runtime.ts';
import type {
  ExitStatus,
  ProcessInfo,
  SpawnOptions,
  Stdio,
  Subprocess,
  Subprocesses,
} from '../../subprocess.ts';
import { FileSystemError } from '../file-system/errors.ts';
import type { FileSystem } from '../file-system/file-system.ts';
import type { SimRandom } from '../sim-random.ts';
import type { ProcessTable } from './process-table.ts';
import type { Programs } from './program.ts';
import { runProgram } from './run-program.ts';
import type { SimProcess } from './sim-process.ts';
import { appendTo, InputPipe, OutputPipe, type Sink } from './standard-streams.ts';

/** What a process needs of its machine to start others. */
export interface SubprocessWorld {
  readonly table: ProcessTable;
  readonly programs: Programs;
  readonly fileSystem: FileSystem;
  runtimeOf(process: SimProcess, sinks: ReadonlyMap<number, Sink>): Runtime;
}

/** The processes of a machine as one of them sees them. */
export class SimSubprocesses implements Subprocesses {
  readonly #parent: SimProcess;
  readonly #world: SubprocessWorld;
  readonly #sinks: ReadonlyMap<number, Sink>;
  readonly #random: SimRandom;

  constructor(parent: SimProcess, world: SubprocessWorld, sinks: ReadonlyMap<number, Sink>) {
    this.#parent = parent;
    this.#world = world;
    this.#sinks = sinks;
    this.#random = parent.incarnation.random('spawn');
  }

  spawn(options: SpawnOptions): Future<Subprocess> {
    const promise = new FuturePromise<Subprocess>();
    const { incarnation } = this.#parent;
    // The child may already run when its parent is killed before it could learn of it.
    incarnation.after(this.#random.within(0.2, this.#world.table.spawnMsMax), () => {
      const learnsMs = this.#random.within(0.1, this.#world.table.spawnMsMax);
      const outcome = this.#start(options, learnsMs);
      incarnation.after(learnsMs, () => {
        if (outcome instanceof SubprocessError) promise.fail(outcome);
        else promise.set(outcome);
      });
    });
    return promise.future;
  }

  inspect(pid: number): ProcessInfo | undefined {
    return this.#world.table.inspect(pid);
  }

  list(): readonly ProcessInfo[] {
    return this.#world.table.list();
  }

  signal(pid: number, name: string): boolean {
    return this.#parent.incarnation.alive && this.#world.table.signal(pid, name);
  }

  #start(options: SpawnOptions, learnsMs: Millis): Subprocess | SubprocessError {
    const { argv, environment, workingDirectory = '/', session = false } = options;
    const program = this.#world.programs.find(argv[0], environment['PATH']);
    if (!program) return failure(argv[0], new FileSystemError('ENOENT'));
    const user = options.uid === undefined ? this.#parent.image.user : String(options.uid);
    try {
      this.#requireDirectory(workingDirectory);
      const stdio = options.stdio ?? [];
      for (const target of stdio) this.#requireReadable(target);
      const image = { argv, environment: { ...environment }, workingDirectory, session, user };
      const process = this.#world.table.start(image, this.#parent);
      const child = this.#connect(process, stdio);
      // The program prints nothing before its parent can listen.
      const startsMs = learnsMs + this.#random.within(0.01, 1);
      process.incarnation.after(startsMs, () =>
        runProgram(program, { ...child, process, world: this.#world }),
      );
      return new SimSubprocess({ ...child, process, table: this.#world.table });
    } catch (cause) {
      if (cause instanceof FileSystemError) return failure(argv[0], cause);
      throw cause;
    }
  }

  #connect(process: SimProcess, stdio: readonly Stdio[]): Streams {
    const output = new OutputPipe(this.#parent.incarnation);
    const sinks = new Map<number, Sink>();
    let input: InputPipe | undefined;
    try {
      stdio.forEach((target, descriptor) => {
        if (descriptor === 0 && target === 'pipe') input = new InputPipe();
        const sink = this.#sink(process, { target, descriptor, output });
        if (sink) sinks.set(descriptor, sink);
      });
    } catch (cause) {
      this.#world.table.end(process, { code: EXEC_FAILED });
      throw cause;
    }
    if (input) {
      const pipe = input;
      pipe.reader = process.incarnation;
      this.#parent.incarnation.onEnd(() => pipe.end());
    }
    return { input, output, sinks };
  }

  #sink(
    process: SimProcess,
    { target, descriptor, output }: { target: Stdio; descriptor: number; output: OutputPipe },
  ): Sink | undefined {
    if (target === 'ignore') return undefined;
    if (target === 'inherit') return this.#sinks.get(descriptor);
    if (target === 'pipe') {
      return descriptor === 1 || descriptor === 2 ? output.sink(descriptor) : undefined;
    }
    if ('descriptor' in target) return this.#sinks.get(target.descriptor);
    if (target.mode === 'read') return undefined;
    return appendTo(this.#world.fileSystem, target.path, process.incarnation);
  }

  #requireDirectory(path: string): void {
    const { kind } = this.#world.fileSystem.status(path);
    if (kind !== 'directory') throw new FileSystemError('ENOTDIR');
  }

  #requireReadable(target: Stdio): void {
    if (typeof target === 'object' && 'path' in target && target.mode !== 'append') {
      this.#world.fileSystem.status(target.path);
    }
  }
}

interface Streams {
  readonly input: InputPipe | undefined;
  readonly output: OutputPipe;
  readonly sinks: ReadonlyMap<number, Sink>;
}

interface Parts extends Streams {
  readonly process: SimProcess;
  readonly table: ProcessTable;
}

class SimSubprocess implements Subprocess {
  readonly pid: number;
  readonly exited: Future<ExitStatus>;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.pid = parts.process.pid;
    this.exited = parts.process.exited;
  }

  write(bytes: Uint8Array): void {
    this.#parts.input?.write(bytes);
  }

  end(): void {
    this.#parts.input?.end();
  }

  onOutput(listener: (descriptor: 1 | 2, bytes: Uint8Array) => void): void {
    this.#parts.output.listener = listener;
  }

  signal(name: string): boolean {
    return this.exited.isPending && this.#parts.table.signal(this.pid, name);
  }
}

function failure(program: string, cause: FileSystemError): SubprocessError {
  return new SubprocessError(cause.code, `Failed to start '${program}': ${cause.message}`, cause);
}

/** What a shell reports for a program that could not be run. */
const EXEC_FAILED = 127;
