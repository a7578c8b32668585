import type { ReadStream, WriteStream } from 'node:tty';

/** What a command may touch of the outside world; tests pass their own. */
export interface Host {
  /** Without the interpreter and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** Aborted by SIGINT or SIGTERM, and with `OUTPUT_CLOSED` once nobody reads what is printed. */
  readonly signal: AbortSignal;
  /** Where a person sits; absent in pipes. */
  readonly terminal?: Terminal;
}

export interface Terminal {
  readonly rows: number;
  readonly columns: number;
  /** Hears of every key at once, Ctrl-C among them, until disposed. */
  onKey(listener: (key: string) => void): Disposable;
}

export const EX_OK = 0;
export const EX_FAILURE = 1;
export const EX_USAGE = 64;
/** What a shell says of a program that Ctrl-C has ended. */
export const EX_INTERRUPTED = 130;

/** Whoever read the output has gone, as of `libprocess top … | head -1`: that is no failure. */
export const OUTPUT_CLOSED = 'EPIPE';

/** Ctrl-C came as a key, from a terminal that makes no signal of it. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted');
  }
}

/** Runs a command as this operating-system process; a second signal ends it at once. */
export async function runAsProcess(main: (host: Host) => Promise<number>): Promise<void> {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      controller.abort(name);
    });
  }
  const { env, stdout, stderr, stdin } = process;
  stdout.on('error', () => {
    controller.abort(OUTPUT_CLOSED);
  });
  stderr.on('error', () => undefined);
  const argv = process.argv.slice(2);
  const { signal } = controller;
  const terminal = stdin.isTTY && stdout.isTTY ? { terminal: terminalOf(stdin, stdout) } : {};
  process.exitCode = await main({ argv, env, stdout, stderr, signal, ...terminal });
}

const terminalOf = (stdin: ReadStream, stdout: WriteStream): Terminal => ({
  get rows() {
    return stdout.rows;
  },
  get columns() {
    return stdout.columns;
  },
  onKey: (listener) => {
    const hear = (data: Buffer): void => {
      for (const key of data.toString()) listener(key);
    };
    stdin.setRawMode(true).on('data', hear).resume();
    return {
      [Symbol.dispose]: () => {
        stdin.setRawMode(false).off('data', hear).pause();
      },
    };
  },
});
