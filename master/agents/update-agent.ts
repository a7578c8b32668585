import { agentId } from '../../common/ids.ts';
import { resourcesProblem } from '../../common/resource-validation.ts';
import { Resources } from '../../common/resources.ts';
import type { UPID } from '../../libprocess/upid.ts';
import type { UpdateSlaveMessage } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import { rescindOffersOf } from './agent-lifecycle.ts';

/**
 * An agent tells its resource version, and what it could lend beyond its resources. Operations and
 * resource providers are not served by this master.
 */
export function updateAgent(ctx: MasterContext, from: UPID, message: UpdateSlaveMessage): void {
  ctx.metrics.increment('master/messages_update_slave');
  const agent = ctx.state.agents.registered.get(agentId(message.slave_id.value));
  if (!agent?.pid.equals(from)) return;
  if (message.resource_version_uuid) agent.resourceVersion = message.resource_version_uuid;
  if (!message.update_oversubscribed_resources) return;
  const lent = message.oversubscribed_resources ?? [];
  const problem = resourcesProblem(lent);
  if (problem !== undefined) {
    ctx.logger.warn('Ignored oversubscribed resources', { agent: agent.id, problem });
    return;
  }
  agent.oversubscribed = Resources.fromProtobuf(lent).revocable();
  rescindOffersOf(ctx, agent);
  ctx.allocator.updateAgent(agent.id, { total: agent.total });
}
