import type { Task, TaskInfo } from '../../proto/index.ts';

/** How a task that no executor has answered for yet looks to a master. */
export function stagingTask(task: TaskInfo, frameworkId: string, agentId: string): Task {
  const user = task.command?.user ?? task.executor?.command?.user;
  return {
    name: task.name,
    task_id: task.task_id,
    framework_id: { value: frameworkId },
    slave_id: { value: agentId },
    state: 'TASK_STAGING',
    ...(task.resources && { resources: task.resources }),
    ...(user !== undefined && { user }),
    ...(task.executor && { executor_id: task.executor.executor_id }),
    ...(task.labels && { labels: task.labels }),
    ...(task.discovery && { discovery: task.discovery }),
    ...(task.container && { container: task.container }),
    ...(task.health_check && { health_check: task.health_check }),
    ...(task.kill_policy && { kill_policy: task.kill_policy }),
    ...(task.limits && { limits: task.limits }),
  };
}
