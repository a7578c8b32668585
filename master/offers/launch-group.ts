import { taskId } from '../../common/ids.ts';
import { Resources } from '../../common/resources.ts';
import {
  RunTaskGroupMessage,
  type ExecutorInfo,
  type OfferOperationLaunchGroup,
  type TaskInfo,
} from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import { compact } from '../state/compact.ts';
import { TaskRecord } from '../state/task-record.ts';
import { addExecutor } from '../tasks/executors.ts';
import { addTask } from '../tasks/task-lifecycle.ts';
import { executorInfoProblem, launchResources, taskProblem } from '../tasks/task-validation.ts';
import type { Acceptance } from './accept.ts';
import { allocated, charge, refuseTask, resourceVersions, withAllocation } from './launch.ts';

/** LAUNCH_GROUP: all of its tasks or none; one that is not valid spoils the others. */
export function launchTaskGroup(
  ctx: MasterContext,
  acceptance: Acceptance,
  group: OfferOperationLaunchGroup,
): void {
  const { framework, agent, role } = acceptance;
  const executor = compact({
    ...group.executor,
    framework_id: group.executor.framework_id ?? { value: framework.id },
    resources: allocated(group.executor.resources, role),
  });
  const tasks = (group.task_group.tasks ?? []).map((task) => withAllocation(task, acceptance));
  const problem = groupProblem(tasks, executor, acceptance);
  if (problem !== undefined) {
    for (const task of tasks) {
      refuseTask(ctx, framework, { task, reason: 'REASON_TASK_GROUP_INVALID', message: problem });
    }
    return;
  }
  charge(acceptance, groupResources(tasks, executor, acceptance));
  const launchExecutor = addExecutor(framework, agent, executor);
  for (const task of tasks) {
    addTask(framework, agent, TaskRecord.launched(compact({ ...task, executor }), framework.id));
  }
  ctx.metrics.operation(framework, 'launch_group');
  ctx.send(
    agent.pid,
    RunTaskGroupMessage,
    compact({
      framework: framework.info,
      executor,
      task_group: { tasks },
      resource_version_uuids: resourceVersions(agent),
      launch_executor: launchExecutor,
    }),
  );
}

function groupProblem(
  tasks: readonly TaskInfo[],
  executor: ExecutorInfo,
  { framework, agent, remaining }: Acceptance,
): string | undefined {
  if (tasks.length === 0) return 'Task group cannot be empty';
  const launch = { framework, agent, available: remaining };
  const executorProblem = executorInfoProblem(executor, launch);
  if (executorProblem) return executorProblem;
  const seen = new Set<string>();
  for (const task of tasks) {
    const id = taskId(task.task_id.value);
    if (task.executor) return `Task '${id}' is invalid: 'TaskInfo.executor' must not be set`;
    if (seen.has(id)) return `Task '${id}' is invalid: Task has duplicate ID: ${id}`;
    seen.add(id);
    // The executor of a group stands for the command.
    const problem = taskProblem(compact({ ...task, command: task.command ?? {} }), launch);
    if (problem) return `Task '${id}' is invalid: ${problem}`;
  }
  const total = groupResources(tasks, executor, { framework, agent, remaining });
  if (remaining.contains(total)) return undefined;
  return (
    `Total resources ${total.toString()} required by task group and its executor are more ` +
    `than available ${remaining.toString()}`
  );
}

function groupResources(
  tasks: readonly TaskInfo[],
  executor: ExecutorInfo,
  { framework, agent, remaining }: Pick<Acceptance, 'framework' | 'agent' | 'remaining'>,
): Resources {
  const launch = { framework, agent, available: remaining };
  const own = tasks.map((task) => Resources.fromProtobuf(task.resources));
  const [first] = tasks;
  const withExecutor = first && launchResources(compact({ ...first, executor }), launch);
  const others = own.slice(1).reduce((sum, one) => sum.plus(one), Resources.EMPTY);
  return withExecutor ? withExecutor.plus(others) : others;
}
