import type { UPID } from '../../libprocess/upid.ts';
import { agentId } from '../../common/ids.ts';
import type { UnregisterSlaveMessage } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import { removeSlave } from '../registrar/operations.ts';
import type { Agent } from '../state/agent.ts';
import { removeAgent } from './agent-lifecycle.ts';

/** Why agents are removed, as the metrics say it. */
export type RemovalReason = 'registered' | 'unregistered' | 'unhealthy';

/** An agent that shuts down says good-bye. */
export function unregisterAgent(
  ctx: MasterContext,
  from: UPID,
  message: UnregisterSlaveMessage,
): void {
  ctx.metrics.increment('master/messages_unregister_slave');
  const agent = ctx.state.agents.registered.get(agentId(message.slave_id.value));
  if (!agent?.pid.equals(from)) return;
  removeFromRegistry(ctx, agent, { message: 'the agent unregistered', reason: 'unregistered' });
}

/** Removes an agent for good: it comes back as another one only. */
export function removeFromRegistry(
  ctx: MasterContext,
  agent: Agent,
  cause: { readonly message: string; readonly reason: RemovalReason },
): void {
  const { agents } = ctx.state;
  if (agents.removing.has(agent.id)) return;
  agents.removing.add(agent.id);
  ctx.apply(removeSlave(agent.info), () => {
    agents.removing.delete(agent.id);
    if (agents.registered.get(agent.id) !== agent) return;
    ctx.metrics.agentRemoved(cause.reason);
    const message = `Agent ${agent.info.hostname} removed: ${cause.message}`;
    removeAgent(ctx, agent, { message });
  });
}
