import { agentId, taskId } from '../../common/ids.ts';
import type { Resources } from '../../common/resources.ts';
import {
  RunTaskMessage,
  type Resource,
  type TaskInfo,
  type TaskStatusReason,
} from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import { compact } from '../state/compact.ts';
import { TaskRecord } from '../state/task-record.ts';
import type { Agent } from '../state/agent.ts';
import type { Framework } from '../state/framework.ts';
import { addExecutor } from '../tasks/executors.ts';
import { masterUpdate } from '../tasks/master-update.ts';
import { addTask, forwardUpdate } from '../tasks/task-lifecycle.ts';
import { launchResources, taskProblem } from '../tasks/task-validation.ts';
import type { Acceptance } from './accept.ts';

/** LAUNCH: each task by itself; one that is not valid ends as TASK_ERROR, the others go on. */
export function launchTasks(
  ctx: MasterContext,
  acceptance: Acceptance,
  tasks: readonly TaskInfo[],
): void {
  for (const given of tasks) {
    const task = withAllocation(given, acceptance);
    const { framework, agent, remaining } = acceptance;
    const launch = { framework, agent, available: remaining };
    const problem = taskProblem(task, launch);
    if (problem === undefined) {
      charge(acceptance, launchResources(task, launch));
      launchTask(ctx, acceptance, task);
    } else {
      refuseTask(ctx, framework, { task, reason: 'REASON_TASK_INVALID', message: problem });
    }
  }
}

function launchTask(ctx: MasterContext, { framework, agent }: Acceptance, task: TaskInfo): void {
  // A command task always starts an executor of its own.
  const launchExecutor = task.executor ? addExecutor(framework, agent, task.executor) : true;
  addTask(framework, agent, TaskRecord.launched(task, framework.id));
  ctx.metrics.operation(framework, 'launch');
  ctx.send(
    agent.pid,
    RunTaskMessage,
    compact({
      framework: framework.info,
      pid: framework.pid?.toString(),
      task,
      resource_version_uuids: resourceVersions(agent),
      launch_executor: launchExecutor,
    }),
  );
}

export const resourceVersions = (agent: Agent): RunTaskMessage['resource_version_uuids'] =>
  agent.resourceVersion && [{ uuid: agent.resourceVersion }];

/** Takes what is launched out of the acceptance. */
export function charge(acceptance: Acceptance, used: Resources): void {
  acceptance.remaining = acceptance.remaining.minus(used);
}

export interface RefusedTask {
  readonly task: TaskInfo;
  readonly reason: TaskStatusReason;
  readonly message: string;
}

/** Tells the framework that a task was never launched, and why. */
export function refuseTask(
  ctx: MasterContext,
  framework: Framework,
  { task, reason, message }: RefusedTask,
): void {
  const update = masterUpdate(
    {
      frameworkId: framework.id,
      taskId: taskId(task.task_id.value),
      agentId: agentId(task.slave_id.value),
    },
    { state: 'TASK_ERROR', reason, message, nowMs: ctx.now() },
  );
  ctx.metrics.taskEnded('TASK_ERROR', update, framework);
  forwardUpdate(ctx, framework, update);
}

/** The task as the rest of us knows it: resources say whose allocation they are. */
export function withAllocation(task: TaskInfo, { framework, role }: Acceptance): TaskInfo {
  const resources = allocated(task.resources, role);
  const { executor } = task;
  if (!executor) return resources === task.resources ? task : compact({ ...task, resources });
  const executorResources = allocated(executor.resources, role);
  if (
    resources === task.resources &&
    executorResources === executor.resources &&
    executor.framework_id
  ) {
    return task;
  }
  const owned = executor.framework_id ?? { value: framework.id };
  return compact({
    ...task,
    resources,
    executor: compact({ ...executor, framework_id: owned, resources: executorResources }),
  });
}

/** The same array if all say their allocation already: the message then keeps its bytes. */
export function allocated(
  resources: readonly Resource[] | undefined,
  role: string,
): readonly Resource[] | undefined {
  if (!resources || resources.every(({ allocation_info }) => allocation_info)) return resources;
  return resources.map((one) =>
    one.allocation_info ? one : { ...one, allocation_info: { role } },
  );
}
