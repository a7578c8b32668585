import type { Program, ProgramContext } from '../../../../libprocess/sim/subprocess/program.ts';

/**
 * As much of a shell as tasks in simulations need: commands parted by `;`, `&&`, `&` and newlines, of
 * `sleep SECONDS`, `exit N`, `true`, `false`, `echo WORDS`, `kill -SIGNAL $$`, `trap '' TERM`, the
 * prefixes `exec` and `setsid`, and programs of the simulation. Also each as a program of its own.
 */
export const shellProgram: Program = (context) => {
  const [program = '', ...words] = context.argv;
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (name !== 'sh') {
    new Script(context, [statementOf([name, ...words])]).run();
    return;
  }
  new Script(context, parse(words[0] === '-c' ? (words[1] ?? '') : '')).run();
};

interface Statement {
  readonly words: readonly string[];
  readonly background: boolean;
  /** What follows runs only if this succeeds. */
  readonly required: boolean;
}

const statementOf = (words: readonly string[], end = ''): Statement => ({
  words,
  background: end === '&',
  required: end === '&&',
});

const SIGNALS_BY_NUMBER: Readonly<Record<string, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

function parse(text: string): readonly Statement[] {
  const statements: Statement[] = [];
  for (const [, words = '', end = ''] of text.matchAll(/([^;&\n]*)(&&|[;&\n]|$)/g)) {
    const split = words.trim().split(/\s+/).filter(Boolean);
    if (split.length > 0) statements.push(statementOf(split, end));
  }
  return statements;
}

/** Runs statements one after the other; ends the process with the status of the last. */
class Script {
  readonly #context: ProgramContext;
  readonly #statements: Statement[];
  #code = 0;
  #required = false;

  constructor(context: ProgramContext, statements: readonly Statement[]) {
    this.#context = context;
    this.#statements = [...statements];
  }

  run(): void {
    for (;;) {
      const statement = this.#statements.shift();
      if (!statement || (this.#required && this.#code !== 0)) {
        this.#context.exit(this.#code);
        return;
      }
      this.#required = statement.required;
      if (statement.background) this.#fork(statement);
      else if (!this.#do(statement.words)) return;
    }
  }

  #fork({ words }: Statement): void {
    const session = words[0] === 'setsid';
    const child = statementOf(session ? words.slice(1) : words);
    this.#context.fork((context) => new Script(context, [child]).run(), { session });
  }

  /** True if the next statement may run now. */
  #do([command, ...words]: readonly string[]): boolean {
    const { clock } = this.#context.runtime;
    switch (command) {
      case 'exec':
      case 'setsid':
        return this.#do(words);
      case 'sleep':
        clock.timer(Number(words[0]) * 1_000, () => this.run());
        return false;
      case 'exit':
        this.#context.exit(Number(words[0] ?? 0));
        return false;
      case 'kill':
        this.#kill(words[0]?.slice(1) ?? '');
        return false;
      default:
        return this.#builtin(command ?? '', words);
    }
  }

  #kill(signal: string): void {
    const name = SIGNALS_BY_NUMBER[signal] ?? `SIG${signal}`;
    this.#context.runtime.subprocesses.signal(this.#context.pid, name);
  }

  #builtin(command: string, words: readonly string[]): boolean {
    switch (command) {
      case 'trap':
        for (const name of words.slice(1)) this.#context.onSignal(`SIG${name}`, () => undefined);
        return true;
      case 'echo':
        this.#context.print(`${words.join(' ')}\n`);
        this.#code = 0;
        return true;
      case 'true':
      case 'false':
        this.#code = command === 'true' ? 0 : 1;
        return true;
      default:
        this.#spawn([command, ...words]);
        return false;
    }
  }

  /** A program that has been defined for the machines of this simulation. */
  #spawn(argv: readonly [string, ...string[]]): void {
    const { runtime, environment, workingDirectory } = this.#context;
    const stdio = ['inherit', 'inherit', 'inherit'] as const;
    const options = { argv, environment, workingDirectory, stdio };
    const ended = runtime.subprocesses.spawn(options).then(({ exited }) => exited);
    ended.then(
      (status) => {
        this.#code = status.code ?? SIGNALLED + (SIGNAL_NUMBERS[status.signal] ?? 0);
        this.run();
      },
      () => {
        this.#context.print(`sh: 1: ${argv[0]}: not found\n`, 2);
        this.#code = NOT_FOUND;
        this.run();
      },
    );
  }
}

const NOT_FOUND = 127;
/** What a shell answers for a command that a signal has ended, less the signal. */
const SIGNALLED = 128;
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(SIGNALS_BY_NUMBER).map(([number, name]) => [name, Number(number)]),
);
