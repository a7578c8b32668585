import type { Millis } from '../../clock.ts';
import { Children } from '../../subprocess/children.ts';
import { RuntimeError, SubprocessError } from '../../errors.ts';
import { Future, FuturePromise } from '../../future.ts';
import type { ByteSink, ByteSource } from '../../io/byte-streams.ts';
import { SinkQueue } from '../../io/sink-queue.ts';
import { runHooks } from '../../subprocess/parent-hooks.ts';
import type { Runtime } from '../../runtime.ts';
import { malformedSpawn } from '../../subprocess/spawn-options.ts';
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
import {
  appendTo,
  InputPipe,
  OutputPipe,
  type Descriptors,
  type Sink,
} from './standard-streams.ts';

/** What a process needs of its machine to start others. */
export interface SubprocessWorld {
  readonly table: ProcessTable;
  readonly programs: Programs;
  readonly fileSystem: FileSystem;
  runtimeOf(process: SimProcess, descriptors: Descriptors): Runtime;
}

/** The processes of a machine as one of them sees them. */
export class SimSubprocesses implements Subprocesses {
  readonly #parent: SimProcess;
  readonly #world: SubprocessWorld;
  readonly #sinks: ReadonlyMap<number, Sink>;
  readonly #random: SimRandom;
  readonly #children = new Children();

  constructor(parent: SimProcess, world: SubprocessWorld, sinks: ReadonlyMap<number, Sink>) {
    this.#parent = parent;
    this.#world = world;
    this.#sinks = sinks;
    this.#random = parent.incarnation.random('spawn');
  }

  spawn(options: SpawnOptions): Future<Subprocess> {
    const reason = malformedSpawn(options);
    if (reason !== undefined) {
      const message = `Failed to start '${options.argv[0]}': ${reason}`;
      return Future.failed(new SubprocessError('EINVAL', message));
    }
    const promise = new FuturePromise<Subprocess>();
    const { incarnation } = this.#parent;
    // The child may already run when its parent is killed before it could learn of it.
    incarnation.after(this.#random.within(0.2, this.#world.table.spawnMsMax), () => {
      const learnsMs = this.#random.within(0.1, this.#world.table.spawnMsMax);
      const outcome = this.#start(options, learnsMs);
      incarnation.after(learnsMs, () => {
        if (outcome instanceof SubprocessError) promise.fail(outcome);
        else if (outcome.open) promise.associate(this.#gated(options, outcome));
        else promise.set(outcome.child);
      });
    });
    return promise.future;
  }

  exitOf(pid: number): Future<ExitStatus> | undefined {
    return this.#children.exitOf(pid);
  }

  #gated(options: SpawnOptions, { child, open = nothing }: Started): Future<Subprocess> {
    return runHooks(child, { hooks: options.parentHooks ?? [], open, options });
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

  #start(options: SpawnOptions, learnsMs: Millis): Started | SubprocessError {
    const { argv, environment, workingDirectory = '/', supervised = false } = options;
    const session = supervised || options.session === true;
    const program = this.#world.programs.find(argv[0], environment['PATH']);
    const user = options.uid === undefined ? this.#parent.image.user : String(options.uid);
    const { table } = this.#world;
    try {
      this.#requireDirectory(workingDirectory, argv[0]);
      if (!program) throw new FileSystemError('ENOENT');
      const stdio = options.stdio ?? [];
      for (const target of stdio) this.#requireReadable(target);
      const image = { argv, environment: { ...environment }, workingDirectory, session, user };
      const process = table.start(image, this.#parent);
      const streams = this.#connect(process, stdio);
      const child = new SimSubprocess({ ...streams, process, table });
      this.#children.add(child);
      // The program prints nothing before its parent can listen.
      const delayMs = this.#random.within(0.01, 1);
      const run = (afterMs: Millis): Disposable =>
        process.incarnation.after(afterMs, () =>
          runProgram(program, { ...streams, process, world: this.#world }),
        );
      if (supervised) this.#supervise(process);
      if (!supervised && (options.parentHooks ?? []).length === 0) {
        run(learnsMs + delayMs);
        return { child };
      }
      return { child, open: this.#gate(process, () => void run(delayMs)) };
    } catch (cause) {
      if (cause instanceof SubprocessError) return cause;
      if (cause instanceof FileSystemError) return failure(argv[0], cause);
      throw cause;
    }
  }

  /** A child whose parent is gone before the gate is open never runs its program. */
  #gate(process: SimProcess, open: () => void): () => void {
    const watch = this.#parent.incarnation.onEnd(() =>
      this.#world.table.end(process, { code: NEVER_RUN }),
    );
    return () => {
      watch[Symbol.dispose]();
      open();
    };
  }

  /** The supervisor is in the group: the number of that is not given to others while it is there. */
  #supervise(process: SimProcess): void {
    const { incarnation } = this.#parent;
    const watch = incarnation.onEnd(() => this.#world.table.signal(-process.pid, 'SIGKILL'));
    process.exited.onReady(() => watch[Symbol.dispose]());
  }

  #connect(process: SimProcess, stdio: readonly Stdio[]): Streams {
    const sinks = new Map<number, Sink>();
    const outputs = new Map<number, OutputPipe>();
    let input: InputPipe | undefined;
    try {
      stdio.forEach((target, descriptor) => {
        if (descriptor === 0 && target === 'pipe') input = new InputPipe();
        const sink = this.#sink(process, { target, descriptor, outputs });
        if (sink) sinks.set(descriptor, sink);
      });
    } catch (cause) {
      this.#world.table.end(process, { code: EXEC_FAILED });
      throw cause;
    }
    for (const sink of sinks.values()) sink.hold?.(process.incarnation);
    if (input) {
      const pipe = input;
      pipe.reader = process.incarnation;
      this.#parent.incarnation.onEnd(() => pipe.end());
    }
    return { input, outputs, sinks };
  }

  #sink(
    process: SimProcess,
    {
      target,
      descriptor,
      outputs,
    }: { target: Stdio; descriptor: number; outputs: Map<number, OutputPipe> },
  ): Sink | undefined {
    if (target === 'ignore') return undefined;
    if (target === 'inherit') return this.#sinks.get(descriptor);
    if (target === 'pipe') {
      if (descriptor !== 1 && descriptor !== 2) return undefined;
      const output = new OutputPipe(this.#parent.incarnation);
      outputs.set(descriptor, output);
      return output.sink();
    }
    if ('descriptor' in target) return this.#sinks.get(target.descriptor);
    if (target.mode === 'read') return undefined;
    return appendTo(this.#world.fileSystem, target.path, process.incarnation);
  }

  #requireDirectory(path: string, program: string): void {
    const failed = `Failed to start '${program}': working directory '${path}'`;
    try {
      if (this.#world.fileSystem.status(path).kind === 'directory') return;
    } catch (cause) {
      if (!(cause instanceof FileSystemError)) throw cause;
      throw new SubprocessError(cause.code, `${failed}: ${cause.message}`, cause);
    }
    throw new SubprocessError('ENOTDIR', `${failed} is none`);
  }

  #requireReadable(target: Stdio): void {
    if (typeof target === 'object' && 'path' in target && target.mode !== 'append') {
      this.#world.fileSystem.status(target.path);
    }
  }
}

interface Started {
  readonly child: Subprocess;
  /** Lets it run its program; absent if that begins by itself. */
  readonly open?: () => void;
}

interface Streams {
  readonly input: InputPipe | undefined;
  readonly outputs: ReadonlyMap<number, OutputPipe>;
  readonly sinks: ReadonlyMap<number, Sink>;
}

interface Parts extends Streams {
  readonly process: SimProcess;
  readonly table: ProcessTable;
}

class SimSubprocess implements Subprocess {
  readonly pid: number;
  readonly exited: Future<ExitStatus>;
  readonly in: ByteSink | undefined;
  readonly out: ByteSource | undefined;
  readonly err: ByteSource | undefined;
  readonly #table: ProcessTable;

  constructor({ process, table, input, outputs }: Parts) {
    this.pid = process.pid;
    this.exited = process.exited;
    this.in = input && sinkOf(input);
    this.out = outputs.get(1)?.source;
    this.err = outputs.get(2)?.source;
    this.#table = table;
  }

  signal(name: string): boolean {
    return this.exited.isPending && this.#table.signal(this.pid, name);
  }
}

function sinkOf(pipe: InputPipe): ByteSink {
  return new SinkQueue({
    write: (bytes, done) => {
      const error = new RuntimeError('EPIPE', 'Failed to write to a process: broken pipe');
      if (pipe.read) pipe.write(bytes);
      done(pipe.read ? undefined : error);
    },
    end: (done) => {
      pipe.end();
      done();
    },
    close: () => pipe.end(),
  });
}

function failure(program: string, cause: FileSystemError): SubprocessError {
  return new SubprocessError(cause.code, `Failed to start '${program}': ${cause.message}`, cause);
}

const nothing = (): void => undefined;

/** What a shell reports for a program that could not be run. */
const EXEC_FAILED = 127;
/** EX_TEMPFAIL: as the gate of the real world ends. */
const NEVER_RUN = 75;
