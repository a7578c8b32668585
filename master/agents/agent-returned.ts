import { frameworkId, type AgentId } from '../../common/ids.ts';
import type { UPID } from '../../libprocess/upid.ts';
import {
  ShutdownFrameworkMessage,
  SlaveReregisteredMessage,
  UpdateFrameworkMessage,
  type ReregisterSlaveMessage,
} from '../../proto/index.ts';
import { frameworkUpdate } from '../frameworks/subscribe.ts';
import type { MasterContext } from '../master-context.ts';
import { Agent } from '../state/agent.ts';
import { dropEnrouteTasks } from './enroute-tasks.ts';
import { addAgent } from './agent-lifecycle.ts';
import { disconnectAgent } from './disconnect.ts';
import { connection, describe } from './register.ts';
import { announceTasks, enterFrameworks, enterTasks } from './reported-tasks.ts';

/** An agent that has come back, and what it says. */
export interface Return {
  readonly from: UPID;
  readonly id: AgentId;
  readonly message: ReregisterSlaveMessage;
}

/**
 * Enters an agent that this master did not have: after an election, or after it was unreachable.
 * With `announce` its frameworks are told that their tasks are back.
 */
export function agentReturned(
  ctx: MasterContext,
  { from, id, message }: Return,
  { announce }: { readonly announce: boolean },
): void {
  if (ctx.state.agents.registered.has(id)) return;
  ctx.removals.cancel(id);
  displace(ctx, from, id);
  const agent = new Agent(id, describe(from, message), ctx.now());
  agent.reregisteredAtMs = ctx.now();
  enterFrameworks(ctx, message.frameworks ?? []);
  const { tasks } = enterTasks(ctx, agent, message);
  addAgent(ctx, agent);
  ctx.metrics.increment('master/slave_reregistrations');
  ctx.logger.info('Agent reregistered', { agent: id, hostname: agent.info.hostname });
  const reconciliations = announce ? dropEnrouteTasks(ctx, agent) : [];
  ctx.send(agent.pid, SlaveReregisteredMessage, {
    slave_id: { value: id },
    ...(reconciliations.length > 0 && { reconciliations }),
    connection: connection(ctx),
  });
  if (announce) announceTasks(ctx, tasks);
  tellOfFrameworks(ctx, agent, message);
}

/**
 * Whoever was at that address as another agent is not there any more: its pings would be answered by
 * this one for ever.
 */
export function displace(ctx: MasterContext, from: UPID, id: AgentId): void {
  const other = ctx.state.agents.byPid(from);
  if (!other || other.id === id) return;
  disconnectAgent(ctx, other);
  ctx.unobserve(other);
}

/** Where frameworks are that the agent has tasks of; and that some are over. */
export function tellOfFrameworks(
  ctx: MasterContext,
  agent: Agent,
  { frameworks = [] }: ReregisterSlaveMessage,
): void {
  const { registered, completed } = ctx.state.frameworks;
  for (const { id } of frameworks) {
    if (!id) continue;
    const framework = registered.get(frameworkId(id.value));
    if (framework?.pid) ctx.send(agent.pid, UpdateFrameworkMessage, frameworkUpdate(framework));
    else if (completed.has(frameworkId(id.value))) {
      ctx.send(agent.pid, ShutdownFrameworkMessage, { framework_id: id });
    }
  }
}
