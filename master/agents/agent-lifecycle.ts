import type { FrameworkId } from '../../common/ids.ts';
import { Resources } from '../../common/resources.ts';
import { isTerminal } from '../../common/task-state.ts';
import {
  LostSlaveMessage,
  type SlaveInfo,
  type TaskStatusReason,
  type TimeInfo,
} from '../../proto/index.ts';
import type { AllocatorAgent } from '../allocator/allocator.ts';
import type { MasterContext } from '../master-context.ts';
import { recoverOffer } from '../offers/offer-lifecycle.ts';
import type { Agent } from '../state/agent.ts';
import { compact } from '../state/compact.ts';
import { removeExecutorsOf } from '../tasks/executors.ts';
import { masterUpdate, subjectOf } from '../tasks/master-update.ts';
import { forwardUpdate, removeTask, updateTask } from '../tasks/task-lifecycle.ts';

/** Enters an agent, with the tasks and executors that it already has. */
export function addAgent(ctx: MasterContext, agent: Agent): void {
  const { agents } = ctx.state;
  agents.add(agent);
  agents.removed.delete(agent.id);
  agents.recovered.delete(agent.id);
  agents.unreachable.delete(agent.id);
  ctx.link(agent.pid);
  ctx.observe(agent);
  ctx.allocator.addAgent(allocatorAgent(agent));
}

/** The agent as the allocator sees it, with what frameworks hold on it. */
export function allocatorAgent(agent: Agent): AllocatorAgent {
  return compact({
    id: agent.id,
    hostname: agent.info.hostname,
    total: agent.total,
    capabilities: [...agent.capabilities],
    attributes: agent.info.attributes ?? [],
    region: agent.info.domain?.fault_domain?.region.name,
    used: usedByFramework(agent),
  });
}

/** What each framework holds on the agent: its live tasks and its executors. */
export function usedByFramework(agent: Agent): ReadonlyMap<FrameworkId, Resources> {
  const used = new Map<FrameworkId, Resources>();
  const take = (framework: FrameworkId, resources: Resources): void => {
    used.set(framework, (used.get(framework) ?? Resources.EMPTY).plus(resources));
  };
  for (const task of agent.tasks.values()) {
    if (task.holdsResources) take(task.frameworkId, task.allocated);
  }
  for (const framework of agent.executors.firstKeys()) {
    for (const { resources } of agent.executors.of(framework)) {
      take(framework, Resources.fromProtobuf(resources));
    }
  }
  return used;
}

/** Nothing of it is offered any more. */
export function rescindOffersOf(ctx: MasterContext, agent: Agent): void {
  for (const offer of [...agent.offers]) recoverOffer(ctx, offer, { rescind: true });
}

export interface Removal {
  /** For the status updates of its tasks. */
  readonly message: string;
  /** Set if the agent is only unreachable, and may come back with its tasks. */
  readonly unreachableTime?: TimeInfo;
}

/** Takes an agent out, whose removal the registry holds already, and tells its frameworks. */
export function removeAgent(ctx: MasterContext, agent: Agent, removal: Removal): void {
  const { agents } = ctx.state;
  rescindOffersOf(ctx, agent);
  for (const frameworkId of agent.frameworkIds()) {
    loseTasks(ctx, agent, { frameworkId, reason: 'REASON_SLAVE_REMOVED', ...removal });
    removeExecutorsOf(ctx, agent, frameworkId);
  }
  ctx.allocator.removeAgent(agent.id);
  agent.reregisterTimer?.[Symbol.dispose]();
  agent.connected = false;
  agent.active = false;
  ctx.unobserve(agent);
  agents.delete(agent);
  agents.removed.set(agent.id, true);
  if (removal.unreachableTime) agents.unreachable.set(agent.id, removal.unreachableTime);
  agentLost(ctx, agent.info);
}

/** Tells every framework of the loss, whether or not it has tasks there. */
export function agentLost(ctx: MasterContext, { id, hostname }: SlaveInfo): void {
  if (!id) return;
  ctx.logger.info('Agent lost', { agent: id.value, hostname });
  for (const framework of ctx.state.frameworks.registered.values()) {
    if (!framework.connected || !framework.pid) continue;
    ctx.metrics.sent(framework, 'failure');
    ctx.send(framework.pid, LostSlaveMessage, { slave_id: id });
  }
}

export interface Loss extends Removal {
  readonly frameworkId: FrameworkId;
  readonly reason: TaskStatusReason;
}

/**
 * The tasks of one framework on one agent are lost, or out of sight. A task that had ended keeps
 * its state: it only waited for its acknowledgement.
 */
export function loseTasks(ctx: MasterContext, agent: Agent, loss: Loss): void {
  const framework = ctx.state.frameworks.registered.get(loss.frameworkId);
  const unreachable = loss.unreachableTime !== undefined;
  const aware = framework?.partitionAware ?? false;
  const state = unreachable && aware ? 'TASK_UNREACHABLE' : 'TASK_LOST';
  for (const task of agent.tasks.of(loss.frameworkId)) {
    const ended = isTerminal(task.state);
    const update = masterUpdate(subjectOf(task), {
      state,
      reason: loss.reason,
      message: loss.message,
      nowMs: ctx.now(),
      unreachableTime: loss.unreachableTime,
    });
    updateTask(ctx, task, update);
    removeTask(ctx, task, unreachable ? 'unreachable' : 'completed');
    if (!ended) forwardUpdate(ctx, framework, update);
  }
}
