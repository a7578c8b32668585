import { agentId, taskId } from '../../common/ids.ts';
import { KillTaskMessage, type KillPolicy } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import type { Framework } from '../state/framework.ts';
import { compact } from '../state/compact.ts';
import { reconcileExplicitly, reconcileImplicitly, type ReconciledTask } from './reconciliation.ts';
import { forwardUpdate } from './task-lifecycle.ts';

interface Id {
  readonly value: string;
}

export interface Kill {
  readonly task_id: Id;
  readonly slave_id?: Id;
  readonly kill_policy?: KillPolicy;
}

/**
 * Kills a task. The kill is remembered until the task ends, and sent again when its agent comes
 * back with the task alive. A kill of an unknown task is answered as a reconciliation of it.
 */
export function killTask(ctx: MasterContext, framework: Framework, kill: Kill): void {
  ctx.metrics.increment('master/messages_kill_task');
  const task = framework.tasks.get(taskId(kill.task_id.value));
  if (!task) {
    reconcileTasks(ctx, framework, [kill]);
    return;
  }
  if (kill.slave_id && kill.slave_id.value !== task.agentId) {
    ctx.logger.warn('Ignored a kill that names another agent than that of the task', {
      framework: framework.id,
      task: task.taskId,
      agent: kill.slave_id.value,
    });
    return;
  }
  const agent = ctx.state.agents.registered.get(task.agentId);
  if (!agent) return;
  const message: KillTaskMessage = compact({
    framework_id: { value: framework.id },
    task_id: { value: task.taskId },
    kill_policy: kill.kill_policy,
  });
  agent.killed.set(framework.id, task.taskId, message);
  if (agent.connected) ctx.send(agent.pid, KillTaskMessage, message);
}

/** Most tasks that one reconciliation may name. */
export const RECONCILED_TASKS_MAX = 1_000_000;

/** Answers with the state of each task named, or of every live task if none is. */
export function reconcileTasks(
  ctx: MasterContext,
  framework: Framework,
  asked: readonly { readonly task_id: Id; readonly slave_id?: Id }[],
): void {
  ctx.metrics.increment('master/messages_reconcile_tasks');
  const nowMs = ctx.now();
  if (asked.length === 0) {
    for (const update of reconcileImplicitly(framework, nowMs)) {
      forwardUpdate(ctx, framework, update);
    }
    return;
  }
  const { agents } = ctx.state;
  for (const { task_id, slave_id } of asked.slice(0, RECONCILED_TASKS_MAX)) {
    const task: ReconciledTask = {
      taskId: taskId(task_id.value),
      agentId: slave_id && agentId(slave_id.value),
    };
    const update = reconcileExplicitly(task, framework, { agents, nowMs });
    if (update) forwardUpdate(ctx, framework, update);
  }
}
