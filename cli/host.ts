/** Where a command writes text; it keeps the order. */
export interface Output {
  write(text: string): void;
  /** Whether a person is likely to read it as it comes. */
  readonly isTerminal: boolean;
  readonly columns: number;
}

/** A process that started this one, and wants to hear of it. */
export interface Supervisor {
  /** This daemon serves, at `address`. */
  ready(address: string): void;
  /** Aborts when the supervisor has gone without a word; its reason may name a directory to remove. */
  readonly gone: AbortSignal;
}

/** What a command knows of the process that it runs in. Tests give it another one. */
export interface Host {
  /** Without program and script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborts when the command is to end cleanly: SIGINT, SIGTERM. A second one ends the process. */
  readonly stop: AbortSignal;
  /** Aborts when an agent is to leave the cluster for good: SIGUSR1. */
  readonly unregister: AbortSignal;
  readonly supervisor: Supervisor | undefined;
}

/** Resolves when any of the signals has aborted. */
export function aborted(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}
