import { NULL_UPID, type UPID } from '../../libprocess/upid.ts';
import { StatusUpdateMessage, type StatusUpdate } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import type { Agent } from '../state/agent.ts';
import type { Framework } from '../state/framework.ts';
import type { TaskRecord } from '../state/task-record.ts';

/** Enters a task that is being launched, or that an agent tells of. */
export function addTask(framework: Framework, agent: Agent, task: TaskRecord): void {
  framework.tasks.add(task);
  agent.tasks.set(task.frameworkId, task.taskId, task);
}

/** Takes an update in; a task that ends, or can no longer be seen, frees its resources once. */
export function updateTask(ctx: MasterContext, task: TaskRecord, update: StatusUpdate): void {
  const { ended, released } = task.apply(update);
  if (ended) {
    const framework = ctx.state.frameworks.registered.get(task.frameworkId);
    ctx.metrics.taskEnded(task.state, update, framework);
  }
  if (!released) return;
  ctx.allocator.recoverResources({
    frameworkId: task.frameworkId,
    agentId: task.agentId,
    resources: task.allocated,
  });
}

/** Where a task goes when it leaves its agent. */
export type Departure = 'completed' | 'unreachable';

export function removeTask(ctx: MasterContext, task: TaskRecord, departure: Departure): void {
  const { agents, frameworks } = ctx.state;
  const agent = agents.registered.get(task.agentId);
  agent?.tasks.delete(task.frameworkId, task.taskId);
  agent?.killed.delete(task.frameworkId, task.taskId);
  const framework = frameworks.registered.get(task.frameworkId);
  if (!framework) return;
  framework.tasks.delete(task);
  if (departure === 'unreachable') framework.unreachableTasks.set(task.taskId, task);
  else framework.completedTasks.push(task);
}

/**
 * Sends an update to the framework's scheduler, if it can be reached: the agent repeats updates
 * that are not acknowledged, and those of the master are asked for by reconciliation. `pid` is who
 * is told of the acknowledgement.
 */
// Four things are all there is to say, and each has a type of its own.
// eslint-disable-next-line max-params
export function forwardUpdate(
  ctx: MasterContext,
  framework: Framework | undefined,
  update: StatusUpdate,
  pid: UPID = NULL_UPID,
): void {
  if (!framework?.connected || !framework.pid) return;
  ctx.metrics.sent(framework, 'update');
  ctx.send(framework.pid, StatusUpdateMessage, { update, pid: pid.toString() });
}
