import type { AgentId } from '../../common/ids.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type { TimeInfo } from '../../proto/index.ts';
import type { MasterFlags } from '../flags.ts';
import type { MasterContext } from '../master-context.ts';
import { prune as pruneAgents } from '../registrar/operations.ts';

const NANOSECONDS_PER_MS = 1_000_000n;

/** Repeats for ever: forgets what has been unreachable or gone for long, oldest first. */
export function keepRegistrySmall(ctx: MasterContext): void {
  ctx.delay(ctx.flags.registryGcIntervalMs, () => {
    prune(ctx);
    keepRegistrySmall(ctx);
  });
}

function prune(ctx: MasterContext): void {
  const { agents } = ctx.state;
  const unreachable = forgettable(agents.unreachable, ctx.flags, ctx.now());
  const gone = forgettable(agents.gone, ctx.flags, ctx.now());
  if (unreachable.length === 0 && gone.length === 0) return;
  ctx.apply(pruneAgents(unreachable, gone), () => {
    for (const id of unreachable) agents.unreachable.delete(id);
    for (const id of gone) agents.gone.delete(id);
    ctx.logger.info('Pruned the registry', { unreachable: unreachable.length, gone: gone.length });
  });
}

/** The oldest ones above the count, and those above the age. */
export function forgettable(
  since: ReadonlyMap<AgentId, TimeInfo>,
  flags: Pick<MasterFlags, 'registryMaxAgentCount' | 'registryMaxAgentAgeMs'>,
  nowMs: Millis,
): readonly AgentId[] {
  const byAge = [...since].sort(([, a], [, b]) => Number(a.nanoseconds - b.nanoseconds));
  const tooMany = Math.max(byAge.length - flags.registryMaxAgentCount, 0);
  const oldestNanoseconds = BigInt(nowMs - flags.registryMaxAgentAgeMs) * NANOSECONDS_PER_MS;
  return byAge
    .filter(([, { nanoseconds }], index) => index < tooMany || nanoseconds < oldestNanoseconds)
    .map(([id]) => id);
}
