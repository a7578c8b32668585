import type { AgentId, TaskId } from '../../common/ids.ts';
import { stateFor } from '../../common/task-state.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type { StatusUpdate, TaskState, TaskStatus, TimeInfo } from '../../proto/index.ts';
import type { Agents } from '../state/master-state.ts';
import type { Framework } from '../state/framework.ts';
import type { TaskRecord } from '../state/task-record.ts';
import { masterUpdate, subjectOf } from './master-update.ts';

/** What explicit reconciliation asks about. */
export interface ReconciledTask {
  readonly taskId: TaskId;
  /** Where the framework believes the task to be. */
  readonly agentId: AgentId | undefined;
}

/** The state of one task: every live one of the framework, implicitly. */
export function reconcileImplicitly(framework: Framework, nowMs: Millis): StatusUpdate[] {
  return [...framework.tasks.values()].map((task) => knownTaskUpdate(task, nowMs));
}

/**
 * The answer about one task; undefined while the agent is in transition and nobody can tell: the
 * framework asks again. The order of the cases is the rule (master.cpp, `reconcile`).
 */
export function reconcileExplicitly(
  asked: ReconciledTask,
  framework: Framework,
  world: { readonly agents: Agents; readonly nowMs: Millis },
): StatusUpdate | undefined {
  const { agents, nowMs } = world;
  const task = framework.tasks.get(asked.taskId);
  if (task) return knownTaskUpdate(task, nowMs);
  const { agentId } = asked;
  if (agentId === undefined ? agents.anyInTransition : agents.inTransition(agentId)) {
    return undefined;
  }
  const answer = unknownTaskAnswer(agentId, agents);
  return masterUpdate(
    { frameworkId: framework.id, taskId: asked.taskId, agentId },
    {
      state: stateFor(answer.state, framework.partitionAware),
      reason: 'REASON_RECONCILIATION',
      message: answer.message,
      nowMs,
      unreachableTime: answer.unreachableTime,
    },
  );
}

interface UnknownTaskAnswer {
  readonly state: TaskState;
  readonly message: string;
  readonly unreachableTime?: TimeInfo;
}

function unknownTaskAnswer(agentId: AgentId | undefined, agents: Agents): UnknownTaskAnswer {
  if (agentId === undefined) {
    return { state: 'TASK_UNKNOWN', message: 'Reconciliation: Task is unknown' };
  }
  if (agents.registered.has(agentId)) {
    return { state: 'TASK_GONE', message: 'Reconciliation: Task is unknown to the agent' };
  }
  const unreachableTime = agents.unreachable.get(agentId);
  if (unreachableTime) {
    const message = 'Reconciliation: Task is unreachable';
    return { state: 'TASK_UNREACHABLE', message, unreachableTime };
  }
  if (agents.gone.has(agentId)) {
    return { state: 'TASK_GONE_BY_OPERATOR', message: 'Reconciliation: Task is gone' };
  }
  return { state: 'TASK_UNKNOWN', message: 'Reconciliation: Task is unknown' };
}

/** What the framework was last told: an update that it has yet to acknowledge may be older. */
function knownTaskUpdate(task: TaskRecord, nowMs: Millis): StatusUpdate {
  const known = task.lastStatus;
  return masterUpdate(
    { ...subjectOf(task), executorId: undefined },
    {
      state: task.updateState ?? task.state,
      reason: 'REASON_RECONCILIATION',
      message: 'Reconciliation: Latest task state',
      nowMs,
      known: known && withoutLabels(known),
    },
  );
}

/** Reconciliation repeats health and container of the last status, not its labels. */
function withoutLabels(status: TaskStatus): TaskStatus {
  const { labels: _labels, ...rest } = status;
  return rest;
}
