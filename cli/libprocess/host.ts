/** What a command may touch of the outside world; tests pass their own. */
export interface Host {
  /** Without the interpreter and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

export const EX_OK = 0;
export const EX_FAILURE = 1;
export const EX_USAGE = 64;

/** Runs a command as this operating-system process; a second signal ends it at once. */
export async function runAsProcess(main: (host: Host) => Promise<number>): Promise<void> {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      controller.abort(name);
    });
  }
  const { env, stdout, stderr } = process;
  const argv = process.argv.slice(2);
  process.exitCode = await main({ argv, env, stdout, stderr, signal: controller.signal });
}
