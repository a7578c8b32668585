import type { Millis } from '../../libprocess/clock.ts';
import type { Cluster } from '../../testing/cluster.ts';
import type { Instance, InstanceOracle } from './instance-oracle.ts';
import type { ServiceMember } from './service-member.ts';

const LOOKS_EVERY_MS: Millis = 5_000;
/** Whoever ends them may be slow. */
const ENDS_WITHIN_MS: Millis = 60_000;

/** R11: what frameworks without checkpoints run ends with the agent that runs it. */
export function watchBound(
  { sim }: Cluster,
  members: readonly ServiceMember[],
  oracle: InstanceOracle,
): void {
  const bound = members.filter(({ plan }) => !plan.checkpoint);
  if (bound.length === 0) return;
  const orphanedAtMs = new Map<Instance, Millis>();
  const look = (): void => {
    sim.at(LOOKS_EVERY_MS, look);
    for (const { token } of bound.flatMap(({ record }) => record.launches)) {
      const instance = oracle.of(token);
      if (!instance || instance.agent.alive || !oracle.isRunning(token)) continue;
      const sinceMs = orphanedAtMs.get(instance) ?? sim.nowMs;
      orphanedAtMs.set(instance, sinceMs);
      if (sim.nowMs > sinceMs + ENDS_WITHIN_MS)
        oracle.violated(`R11: '${token}' lives on without its agent, and has no checkpoint`);
    }
  };
  look();
}
