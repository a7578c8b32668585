import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Killer } from './killer.ts';
import { OWNER_FILE, type Target } from './protocol.ts';

/** How often it is checked whether there is anything left to wait for. */
const CHECK_INTERVAL_MS = 1_000;

export interface Survivor {
  readonly target: Target;
  readonly checkpoint: boolean;
}

export interface DeathWatchOptions {
  readonly runtimeDirectory: string;
  readonly owner: string;
  readonly recoveryTimeoutMs: number;
  readonly killer: Killer;
}

/**
 * What happens once the agent is gone: runs that may not outlive it end now, the others after the
 * recovery timeout, unless another agent has written its name into the owner file by then. A new
 * agent does so before it looks at any run, so whatever it recovered is no longer ours to end.
 */
export async function watchOver(
  survivors: readonly Survivor[],
  options: DeathWatchOptions,
): Promise<void> {
  const { killer } = options;
  const deadline = performance.now() + options.recoveryTimeoutMs;
  const bound = survivors.filter(({ checkpoint }) => !checkpoint);
  await Promise.all(bound.map(({ target }) => killer.destroy(target)));

  for (;;) {
    const waiting = survivors.filter(
      ({ target, checkpoint }) => checkpoint && killer.leads(target),
    );
    if (waiting.length === 0 || isTakenOver(options)) return;
    const remainingMs = deadline - performance.now();
    if (remainingMs <= 0) {
      await Promise.all(waiting.map(({ target }) => killer.destroy(target)));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(remainingMs, CHECK_INTERVAL_MS)));
  }
}

/** Also true if the file cannot be read: then nothing says that the runs are still ours. */
export function isTakenOver(options: { runtimeDirectory: string; owner: string }): boolean {
  try {
    return readFileSync(join(options.runtimeDirectory, OWNER_FILE), 'utf8') !== options.owner;
  } catch {
    return true;
  }
}
