import { agentId } from '../common/ids.ts';
import type { Registry, SlaveInfo } from '../proto/index.ts';
import { markUnreachable } from './agents/unreachable.ts';
import type { MasterContext } from './master-context.ts';

/** What the registry holds becomes what we know: agents that are to come back, and those lost. */
export function enterRegistry(ctx: MasterContext, registry: Registry): void {
  const { agents } = ctx.state;
  for (const { info } of registry.slaves?.slaves ?? []) {
    if (info.id) agents.recovered.set(agentId(info.id.value), info);
  }
  for (const { id, timestamp } of registry.unreachable?.slaves ?? []) {
    agents.unreachable.set(agentId(id.value), timestamp);
  }
  for (const { id, timestamp } of registry.gone?.slaves ?? []) {
    agents.gone.set(agentId(id.value), timestamp);
  }
  const expected = agents.recovered.size;
  ctx.logger.info('Recovered the registry', { agents: expected });
  if (expected === 0) return;
  ctx.delay(ctx.flags.agentReregisterTimeoutMs, () => missAgents(ctx, expected));
}

/** Agents that have not come back since our election are unreachable, unless they are too many. */
function missAgents(ctx: MasterContext, expected: number): void {
  const { recovered, reregistering } = ctx.state.agents;
  const missing = recovered.size / expected;
  if (missing > ctx.flags.recoveryAgentRemovalLimit) {
    ctx.fail(
      `Failed to recover: ${recovered.size} of ${expected} agents have not come back, which is ` +
        'more than --recovery_agent_removal_limit allows',
    );
    return;
  }
  for (const [id, info] of recovered) {
    ctx.removals.schedule(id, 'away', () => {
      // It may have come back while it waited for its turn.
      if (recovered.has(id) && !reregistering.has(id)) missAgent(ctx, info);
    });
  }
}

function missAgent(ctx: MasterContext, info: SlaveInfo): void {
  const message = 'agent did not reregister in time after master failover';
  markUnreachable(ctx, info, { message, duringFailover: true });
}
