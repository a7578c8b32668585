import type { ReconcileTasksMessage } from '../../proto/index.ts';
import type { AgentContext } from '../agent-context.ts';
import { agentUpdate } from '../tasks/agent-update.ts';

/**
 * Answers for tasks that the master believes here and this agent has not: the message that brought
 * them was lost. Reliably, unlike the master's own answers.
 */
export class MasterReconciliation {
  readonly #context: AgentContext;

  constructor(context: AgentContext) {
    this.#context = context;
  }

  answer(reconciliations: readonly ReconcileTasksMessage[]): void {
    const { model, runtime, logger, updates } = this.#context;
    for (const { framework_id, framework, statuses } of reconciliations) {
      const known = model.frameworks.get(framework_id.value);
      const info = known?.info ?? framework;
      const aware = info?.capabilities?.some(({ type }) => type === 'PARTITION_AWARE') ?? false;
      for (const { task_id, executor_id } of statuses ?? []) {
        const strays = model.strayTasks.get(framework_id.value);
        if (known?.knows(task_id.value) ?? strays?.has(task_id.value)) continue;
        if (known) known.untoldTasks.add(task_id.value);
        else model.noteStray(framework_id.value, task_id.value);
        logger.warn('The master knows of a task that never came here', { taskId: task_id.value });
        // Straight into a stream: the framework need not be known here.
        updates.update(
          agentUpdate(runtime, {
            frameworkId: framework_id.value,
            agentId: model.agentId ?? '',
            taskId: task_id.value,
            ...(executor_id && { executorId: executor_id.value }),
            state: aware ? 'TASK_DROPPED' : 'TASK_LOST',
            reason: 'REASON_RECONCILIATION',
            message: 'Reconciliation: task unknown to the agent',
          }),
        );
      }
    }
  }
}
