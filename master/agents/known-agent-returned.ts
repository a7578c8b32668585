import { isDeepStrictEqual } from 'node:util';
import { executorId, frameworkId, taskId } from '../../common/ids.ts';
import { isTerminal } from '../../common/task-state.ts';
import {
  KillTaskMessage,
  SlaveReregisteredMessage,
  type ReconcileTasksMessage,
  type ReregisterSlaveMessage,
  type SlaveInfo,
  type Task,
} from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import type { Agent } from '../state/agent.ts';
import { compact } from '../state/compact.ts';
import { PairMap } from '../state/pair-map.ts';
import type { TaskRecord } from '../state/task-record.ts';
import { removeExecutor } from '../tasks/executors.ts';
import { masterUpdate, subjectOf } from '../tasks/master-update.ts';
import { allocatorAgent, rescindOffersOf } from './agent-lifecycle.ts';
import { displace, tellOfFrameworks, type Return } from './agent-returned.ts';
import { connection, describe } from './register.ts';
import { announceTasks, enterTasks, enterFrameworks } from './reported-tasks.ts';

/**
 * An agent that is registered reregisters: it restarted, or lost sight of us. What it has and what
 * we think it has are brought together: it is asked about tasks that it does not name, since their
 * launch may have been lost or may be on its way; tasks and executors that only it knows are
 * entered; kills that it may have missed are sent again.
 */
export function knownAgentReturned(ctx: MasterContext, { from, id, message }: Return): void {
  const { agents } = ctx.state;
  const agent = agents.registered.get(id);
  if (!agent) return;
  const { pid } = agent;
  displace(ctx, from, id);
  agents.delete(agent);
  const before = agent.info;
  agent.describe(describe(from, message));
  agents.add(agent);
  agent.reregisteredAtMs = ctx.now();
  // Of a launch that was lost with the connection nothing else will tell, where its id was used before.
  agent.settledUpdates.clear();
  ctx.removals.cancel(id);
  ctx.link(agent.pid);
  if (!pid.equals(from) || !agent.observer) {
    ctx.unobserve(agent);
    ctx.observe(agent);
  }
  ctx.metrics.increment('master/slave_reregistrations');
  ctx.logger.info('Agent reregistered', { agent: id, hostname: agent.info.hostname });

  ctx.send(agent.pid, SlaveReregisteredMessage, {
    slave_id: { value: id },
    ...reconciliations(ctx, agent, message),
    connection: connection(ctx),
  });
  bringTogether(ctx, agent, message);
  resendKills(ctx, agent, message);
  rescindIfChanged(ctx, agent, before);
  reactivate(ctx, agent);
  tellOfFrameworks(ctx, agent, message);
}

/** The tasks that the agent does not name. */
function reconciliations(
  ctx: MasterContext,
  agent: Agent,
  { tasks = [] }: ReregisterSlaveMessage,
): { readonly reconciliations?: readonly ReconcileTasksMessage[] } {
  const reported = namesOf(tasks);
  const missing = new Map<string, TaskRecord[]>();
  for (const task of agent.tasks.values()) {
    if (reported.has(task.frameworkId, task.taskId)) continue;
    const others = missing.get(task.frameworkId);
    if (others) others.push(task);
    else missing.set(task.frameworkId, [task]);
  }
  if (missing.size === 0) return {};
  const { registered } = ctx.state.frameworks;
  const messages = [...missing].map(([id, lost]) =>
    compact({
      framework_id: { value: id },
      statuses: lost.map((task) => statusOf(ctx, task)),
      framework: registered.get(frameworkId(id))?.info,
    }),
  );
  return { reconciliations: messages };
}

function namesOf(tasks: readonly Task[]): PairMap<string, string, true> {
  const names = new PairMap<string, string, true>();
  for (const { framework_id, task_id } of tasks) {
    names.set(framework_id.value, task_id.value, true);
  }
  return names;
}

const statusOf = (ctx: MasterContext, task: TaskRecord) =>
  masterUpdate(subjectOf(task), {
    state: task.state,
    reason: 'REASON_RECONCILIATION',
    message: 'Reconciliation: the agent did not report the task',
    nowMs: ctx.now(),
  }).status;

function bringTogether(ctx: MasterContext, agent: Agent, message: ReregisterSlaveMessage): void {
  enterFrameworks(ctx, message.frameworks ?? []);
  dropExecutors(ctx, agent, message);
  const unknown = (message.tasks ?? []).filter(
    // What has ended was acknowledged meanwhile, or its update will come.
    (task) =>
      !isTerminal(task.state) &&
      !agent.tasks.has(frameworkId(task.framework_id.value), taskId(task.task_id.value)),
  );
  const executors = message.executor_infos ?? [];
  const entered = enterTasks(ctx, agent, { ...message, tasks: unknown, executor_infos: executors });
  announceTasks(ctx, entered.tasks);
  const charged = entered.tasks.length > 0 || entered.executors > 0;
  if (charged && !agent.recharging) recharge(ctx, agent);
}

/**
 * The allocator learns anew what is in use on the agent. What it has given away of the agent so far,
 * on books that were wrong, arrives before it has settled, and is then of an agent without books.
 */
function recharge(ctx: MasterContext, agent: Agent): void {
  rescindOffersOf(ctx, agent);
  ctx.allocator.removeAgent(agent.id);
  agent.recharging = true;
  ctx.allocator.settled(() => {
    agent.recharging = false;
    if (ctx.state.agents.registered.get(agent.id) !== agent) return;
    ctx.allocator.addAgent(allocatorAgent(agent));
    if (!agent.active) ctx.allocator.deactivateAgent(agent.id);
  });
}

/** Executors that the agent does not name are over, unless the launch of their first task is on its way. */
function dropExecutors(
  ctx: MasterContext,
  agent: Agent,
  { tasks = [], executor_infos = [] }: ReregisterSlaveMessage,
): void {
  const reported = namesOf(tasks);
  const namedTasks = new Set(tasks.map(({ task_id }) => taskId(task_id.value)));
  const named = new PairMap<string, string, true>();
  for (const { framework_id, executor_id } of executor_infos) {
    named.set(framework_id?.value ?? '', executor_id.value, true);
  }
  for (const framework of agent.executors.firstKeys()) {
    const awaited = new Set(
      agent.tasks
        .of(framework)
        .filter((task) => task.holdsResources && !reported.has(framework, task.taskId))
        .map((task) => task.executorId),
    );
    for (const info of agent.executors.of(framework)) {
      const id = executorId(info.executor_id.value);
      if (named.has(framework, id)) continue;
      if (awaited.has(id)) agent.unconfirmedExecutors.set(framework, id, namedTasks);
      else removeExecutor(ctx, agent, { frameworkId: framework, id });
    }
  }
}

function resendKills(ctx: MasterContext, agent: Agent, message: ReregisterSlaveMessage): void {
  for (const { framework_id, task_id, state } of message.tasks ?? []) {
    const kill = agent.killed.get(frameworkId(framework_id.value), taskId(task_id.value));
    if (kill && !isTerminal(state)) ctx.send(agent.pid, KillTaskMessage, kill);
  }
}

/** Offers of an agent that is not what it was are of no use. */
function rescindIfChanged(ctx: MasterContext, agent: Agent, before: SlaveInfo): void {
  if (!isDeepStrictEqual(before, agent.info)) rescindOffersOf(ctx, agent);
}

function reactivate(ctx: MasterContext, agent: Agent): void {
  ctx.allocator.updateAgent(agent.id, {
    total: agent.total,
    capabilities: [...agent.capabilities],
    attributes: agent.info.attributes ?? [],
  });
  ctx.setObserved(agent, true);
  agent.askedBack = false;
  if (agent.connected) return;
  agent.reregisterTimer?.[Symbol.dispose]();
  agent.reregisterTimer = undefined;
  agent.connected = true;
  agent.active = true;
  ctx.allocator.activateAgent(agent.id);
}
