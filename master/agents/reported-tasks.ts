import { frameworkId } from '../../common/ids.ts';
import type { FrameworkInfo, ReregisterSlaveMessage } from '../../proto/index.ts';
import { addFramework, startFailoverTimer } from '../frameworks/framework-lifecycle.ts';
import type { MasterContext } from '../master-context.ts';
import type { Agent } from '../state/agent.ts';
import { TaskRecord } from '../state/task-record.ts';
import { frameworkInfoProblem } from '../frameworks/framework-validation.ts';
import { addExecutor } from '../tasks/executors.ts';
import { masterUpdate, subjectOf } from '../tasks/master-update.ts';
import { addTask, forwardUpdate } from '../tasks/task-lifecycle.ts';

const MS_PER_SECOND = 1_000;

/**
 * Frameworks that only agents have told us of yet. Their schedulers are given the time that agents
 * are given to come back, or their own failover timeout if it is longer; then their tasks go.
 */
export function enterFrameworks(ctx: MasterContext, frameworks: readonly FrameworkInfo[]): void {
  const { registered, completed } = ctx.state.frameworks;
  for (const info of frameworks) {
    const id = frameworkId(info.id?.value ?? '');
    if (id === '' || registered.has(id) || completed.has(id)) continue;
    const problem = frameworkInfoProblem(info);
    if (problem !== undefined) {
      ctx.logger.warn('Ignored a framework that an agent told of', { framework: id, problem });
      continue;
    }
    const framework = addFramework(ctx, { id, info, pid: undefined, state: 'recovered' });
    const ownMs = (info.failover_timeout ?? 0) * MS_PER_SECOND;
    startFailoverTimer(ctx, framework, Math.max(ownMs, ctx.flags.agentReregisterTimeoutMs));
  }
}

export interface Entered {
  readonly tasks: readonly TaskRecord[];
  /** How many executors were new. */
  readonly executors: number;
}

/** Enters tasks and executors that only the agent knew; the allocator is told by the caller. */
export function enterTasks(
  ctx: MasterContext,
  agent: Agent,
  { tasks = [], executor_infos = [] }: ReregisterSlaveMessage,
): Entered {
  const { registered } = ctx.state.frameworks;
  const entered: TaskRecord[] = [];
  let executors = 0;
  for (const reported of tasks) {
    const task = new TaskRecord(reported);
    const framework = registered.get(task.frameworkId);
    if (!framework) continue; // It is over; the agent is told so.
    framework.unreachableTasks.delete(task.taskId);
    framework.completedTasks.remove(({ taskId }) => taskId === task.taskId);
    addTask(framework, agent, task);
    entered.push(task);
  }
  for (const info of executor_infos) {
    const framework = registered.get(frameworkId(info.framework_id?.value ?? ''));
    if (framework && addExecutor(framework, agent, info)) executors += 1;
  }
  return { tasks: entered, executors };
}

/** Tells frameworks of tasks that were lost to them and are not. */
export function announceTasks(ctx: MasterContext, tasks: readonly TaskRecord[]): void {
  for (const task of tasks) {
    const update = masterUpdate(
      { ...subjectOf(task) },
      {
        state: task.state,
        reason: 'REASON_SLAVE_REREGISTERED',
        message: 'Agent reregistered',
        nowMs: ctx.now(),
        known: task.lastStatus,
      },
    );
    forwardUpdate(ctx, ctx.state.frameworks.registered.get(task.frameworkId), update);
  }
}
