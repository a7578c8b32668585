import type { Program, ProgramContext } from './program.ts';
import type { SimProcess } from './sim-process.ts';
import type { SubprocessWorld } from './sim-subprocesses.ts';
import type { Descriptors } from './standard-streams.ts';

interface Start extends Descriptors {
  readonly process: SimProcess;
  readonly world: SubprocessWorld;
}

/** Runs a program in its process. */
export function runProgram(program: Program, start: Start): void {
  program(contextOf(start));
}

function contextOf({ process, world, sinks, input }: Start): ProgramContext {
  const { pid, incarnation, image } = process;
  return {
    pid,
    argv: image.argv,
    environment: image.environment,
    workingDirectory: image.workingDirectory,
    descriptors: [0, 1, 2, ...[...sinks.keys()].filter((descriptor) => descriptor > 2)],
    runtime: world.runtimeOf(process, { sinks, input }),
    onInput: (onLine, onEnd = () => undefined) => {
      const lines = new Lines(onLine);
      input?.listen(
        (bytes) => lines.push(bytes),
        () => {
          lines.end();
          onEnd();
        },
      );
    },
    print: (text, descriptor = 1) => {
      if (incarnation.alive) sinks.get(descriptor)?.(new TextEncoder().encode(text));
    },
    onSignal: (name, handler) => process.onSignal(name, handler),
    fork: (child, { session = false } = {}) => {
      const forked = world.table.start({ ...image, session }, process);
      for (const sink of sinks.values()) sink.hold?.(forked.incarnation);
      forked.incarnation.post(() =>
        runProgram(child, { process: forked, world, sinks, input: undefined }),
      );
      return forked.pid;
    },
    exit: (code) => world.table.end(process, { code }),
  };
}

/** Cuts bytes into lines; the last need not end in a newline. */
class Lines {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
  }

  end(): void {
    if (this.#rest !== '') this.#onLine(this.#rest);
    this.#rest = '';
  }
}
