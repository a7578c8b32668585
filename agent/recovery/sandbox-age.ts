import type { Millis } from '../../libprocess/index.ts';
import type { AgentContext } from '../agent-context.ts';
import { runPath, type RunKey } from '../state/paths.ts';

/** Tells when a run of a former agent ended: its sandbox was touched then. */
export function sandboxAge(
  { runtime, flags, actor }: AgentContext,
  key: RunKey,
  known: (endedAtMs: Millis) => void,
): void {
  const told = actor.defer(known);
  runtime.disk.status(`${flags.workDirectory}/${runPath(key)}`).then(
    ({ modifiedAtMs }) => {
      told(modifiedAtMs);
    },
    // Without a sandbox only checkpoints are left: they may go after the whole delay.
    () => {
      told(runtime.clock.now());
    },
  );
}
