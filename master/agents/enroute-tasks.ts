import { stateFor } from '../../common/task-state.ts';
import type { ReconcileTasksMessage, TaskStatus } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import type { Agent } from '../state/agent.ts';
import { compact } from '../state/compact.ts';
import { masterUpdate, subjectOf } from '../tasks/master-update.ts';

/**
 * An agent that was unreachable is back without some tasks that were with it: their launch was lost
 * on the way. They are over here; the agent is asked about them, and its answers, which it repeats
 * until they are acknowledged, tell the frameworks. Called once its own tasks are entered.
 */
export function dropEnrouteTasks(
  ctx: MasterContext,
  agent: Agent,
): readonly ReconcileTasksMessage[] {
  const messages: ReconcileTasksMessage[] = [];
  for (const framework of ctx.state.frameworks.registered.values()) {
    const statuses: TaskStatus[] = [];
    for (const task of [...framework.unreachableTasks.values()]) {
      if (task.agentId !== agent.id) continue;
      if (task.state !== 'TASK_UNREACHABLE') {
        framework.unreachableTasks.delete(task.taskId); // It was told an end before.
        continue;
      }
      const update = masterUpdate(subjectOf(task), {
        state: stateFor('TASK_DROPPED', framework.partitionAware),
        reason: 'REASON_RECONCILIATION',
        message: 'Reconciliation: the agent did not report the task',
        nowMs: ctx.now(),
      });
      task.apply(update);
      framework.unreachableTasks.delete(task.taskId);
      framework.completedTasks.push(task);
      statuses.push(update.status);
    }
    if (statuses.length === 0) continue;
    const framework_id = { value: framework.id };
    messages.push(compact({ framework_id, statuses, framework: framework.info }));
  }
  return messages;
}
