import type { MasterContext } from '../master-context.ts';
import type { Agent } from '../state/agent.ts';
import { removeExecutorsOf } from '../tasks/executors.ts';
import { loseTasks, rescindOffersOf } from './agent-lifecycle.ts';
import { markUnreachableSoon } from './unreachable.ts';

/**
 * The connection to an agent was lost. It is given time to come back, with the tasks of frameworks
 * that checkpoint; what others run does not survive the end of an agent, so it is lost at once.
 */
export function disconnectAgent(ctx: MasterContext, agent: Agent): void {
  if (!agent.connected) return;
  const { hostname } = agent.info;
  ctx.logger.info('Agent disconnected', { agent: agent.id, hostname });
  agent.connected = false;
  agent.active = false;
  ctx.setObserved(agent, false);
  ctx.allocator.deactivateAgent(agent.id);
  rescindOffersOf(ctx, agent);
  loseUncheckpointed(ctx, agent);
  agent.reregisterTimer = ctx.delay(ctx.flags.agentReregisterTimeoutMs, () => {
    markUnreachableSoon(ctx, agent.id, {
      cause: 'away',
      message: 'agent did not reregister in time',
    });
  });
}

function loseUncheckpointed(ctx: MasterContext, agent: Agent): void {
  for (const frameworkId of agent.frameworkIds()) {
    const framework = ctx.state.frameworks.registered.get(frameworkId);
    if (framework?.info.checkpoint) continue;
    const message = `Agent ${agent.info.hostname} disconnected`;
    loseTasks(ctx, agent, { frameworkId, reason: 'REASON_SLAVE_DISCONNECTED', message });
    removeExecutorsOf(ctx, agent, frameworkId);
  }
}
