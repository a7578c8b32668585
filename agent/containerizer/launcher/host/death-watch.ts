import { join } from 'node:path/posix';
import type { Killer } from './killer.ts';
import { OWNER_FILE, type Target } from './protocol.ts';
import type { Clock } from '../../../../libprocess/clock.ts';
import type { Disk } from '../../../../libprocess/disk.ts';
import { Timeout } from '../../../../libprocess/futures/timeout.ts';

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
  readonly clock: Clock;
  readonly disk: Disk;
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
  const { killer, clock } = options;
  const timeout = Timeout.in(clock, options.recoveryTimeoutMs);
  const bound = survivors.filter(({ checkpoint }) => !checkpoint);
  await Promise.all(bound.map(({ target }) => killer.destroy(target)));

  for (;;) {
    const waiting = survivors.filter(
      ({ target, checkpoint }) => checkpoint && killer.leads(target),
    );
    if (waiting.length === 0 || (await isTakenOver(options))) return;
    if (timeout.expired) {
      await Promise.all(waiting.map(({ target }) => killer.destroy(target)));
      return;
    }
    const pauseMs = Math.min(timeout.remainingMs, CHECK_INTERVAL_MS);
    await new Promise<void>((resolve) => clock.timer(pauseMs, resolve));
  }
}

/** Also true if the file cannot be read: then nothing says that the runs are still ours. */
async function isTakenOver({ disk, runtimeDirectory, owner }: DeathWatchOptions): Promise<boolean> {
  try {
    const bytes = await disk.readFile(join(runtimeDirectory, OWNER_FILE));
    return new TextDecoder().decode(bytes) !== owner;
  } catch {
    return true;
  }
}
