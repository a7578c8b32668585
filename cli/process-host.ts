import { rmdirSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import type { Host, Output, Supervisor } from './host.ts';

const EXIT_SIGNALLED = 128;

/** What a supervisor sends once over the channel that it opened. */
export interface SupervisorOrder {
  /** Directory to remove if the supervisor dies and cannot do it. */
  readonly removeWhenOrphaned: string;
}

/** What is answered when the daemon serves. */
export interface ReadyReport {
  readonly address: string;
}

/** The host of a command that has this process to itself. */
export function processHost(): Host {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    stop: stopSignal(),
    unregister: signalled('SIGUSR1'),
    supervisor: supervisor(),
  };
}

function outputTo(stream: NodeJS.WriteStream): Output {
  // A reader that has gone, as of `mesos task list | head -1`, is no failure of ours.
  stream.on('error', () => undefined);
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY,
    get columns() {
      return stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY;
    },
  };
}

function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Ctrl-C reaches the supervisor too, which then asks in the right order.
      if (signal === 'SIGINT' && process.connected) return;
      if (controller.signal.aborted) process.exit(EXIT_SIGNALLED + constants.signals[signal]);
      controller.abort(new Error(signal));
    });
  }
  return controller.signal;
}

function signalled(signal: NodeJS.Signals): AbortSignal {
  const controller = new AbortController();
  process.on(signal, () => {
    controller.abort(new Error(signal));
  });
  return controller.signal;
}

/** The last of those that the supervisor left takes their common directory along. */
function removeOwn(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  try {
    rmdirSync(dirname(directory));
  } catch {
    // Others are still in it.
  }
}

/** There is one if this process was started with a channel to its parent. */
function supervisor(): Supervisor | undefined {
  if (!process.connected) return undefined;
  const gone = new AbortController();
  let directory: string | undefined;
  process.on('message', (order: SupervisorOrder) => {
    directory = order.removeWhenOrphaned;
  });
  process.on('disconnect', () => {
    gone.abort();
    process.on('exit', () => {
      if (directory !== undefined) removeOwn(directory);
    });
  });
  return {
    ready: (address) => void process.send?.({ address } satisfies ReadyReport),
    gone: gone.signal,
  };
}
