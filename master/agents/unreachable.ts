import { agentId, type AgentId } from '../../common/ids.ts';
import type { SlaveInfo, TimeInfo } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import type { RemovalCause } from './removal-queue.ts';
import { markSlaveUnreachable } from '../registrar/operations.ts';
import { agentLost, removeAgent } from './agent-lifecycle.ts';

const NANOSECONDS_PER_MS = 1_000_000n;

/**
 * Marks an agent unreachable when the removal rate allows. Until the mark is being written an
 * answer of the agent, or its return, cancels it.
 */
export function markUnreachableSoon(
  ctx: MasterContext,
  id: AgentId,
  { cause, message }: { readonly cause: RemovalCause; readonly message: string },
): void {
  ctx.removals.schedule(id, cause, () => {
    const agent = ctx.state.agents.registered.get(id);
    if (agent) markUnreachable(ctx, agent.info, { message, duringFailover: false });
  });
}

export interface Marking {
  readonly message: string;
  /** The agent was in the registry at our election and has not come back since. */
  readonly duringFailover: boolean;
}

/** Writes the mark to the registry, then acts on it. */
export function markUnreachable(ctx: MasterContext, info: SlaveInfo, marking: Marking): void {
  const { agents } = ctx.state;
  if (!info.id) return;
  const id = agentId(info.id.value);
  if (agents.markingUnreachable.has(id) || agents.removing.has(id)) return;
  const unreachableTime: TimeInfo = { nanoseconds: BigInt(ctx.now()) * NANOSECONDS_PER_MS };
  agents.markingUnreachable.add(id);
  ctx.apply(markSlaveUnreachable(info, unreachableTime), () => {
    agents.markingUnreachable.delete(id);
    ctx.metrics.increment('master/slave_unreachable_completed');
    ctx.metrics.agentRemoved('unhealthy');
    if (marking.duringFailover) {
      ctx.metrics.increment('master/recovery_slave_removals');
      agents.recovered.delete(id);
      agents.unreachable.set(id, unreachableTime);
      agentLost(ctx, info);
      return;
    }
    const agent = agents.registered.get(id);
    if (agent) removeAgent(ctx, agent, { message: marking.message, unreachableTime });
  });
}
