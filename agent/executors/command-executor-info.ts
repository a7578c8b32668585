import type { ExecutorInfo, Resource, TaskInfo } from '../../proto/index.ts';

/** What the built-in executor is charged with: taken out of its task's own share, not added. */
const EXECUTOR_CPUS = 0.1;
const EXECUTOR_MEMORY_MB = 32;
const SECOND_NANOSECONDS = 1_000_000_000n;
/** How long an end may go unseen: TASK_KILLED must leave before the container is destroyed. */
const REAP_NANOSECONDS = SECOND_NANOSECONDS;
/** Longest piece of a command that goes into the executor's name. */
const COMMAND_SHOWN_MAX = 15;

/**
 * The executor that a command task did not ask for but gets: named after the task, with the task's
 * container and discovery, so that endpoints and checkpoints look as in C++ Mesos
 * (`slave.cpp`, `getExecutorInfo`).
 */
export function commandExecutorInfo(task: TaskInfo, frameworkId: string): ExecutorInfo {
  const grace = task.kill_policy?.grace_period;
  return {
    executor_id: { value: task.task_id.value },
    framework_id: { value: frameworkId },
    name: `Command Executor (Task: ${task.task_id.value}) (Command: ${shown(task)})`,
    source: task.task_id.value,
    command: {
      shell: false,
      value: 'mesos-executor',
      arguments: ['mesos-executor'],
      ...(task.command?.uris && { uris: task.command.uris }),
      ...(task.command?.environment && { environment: task.command.environment }),
      ...(task.command?.user !== undefined && { user: task.command.user }),
    },
    resources: executorResources(task),
    ...(grace && {
      shutdown_grace_period: {
        nanoseconds: grace.nanoseconds + REAP_NANOSECONDS + SECOND_NANOSECONDS,
      },
    }),
    ...(task.container && { container: task.container }),
    ...(task.discovery && { discovery: task.discovery }),
    ...(task.labels && { labels: task.labels }),
  };
}

function shown({ command }: TaskInfo): string {
  const shell = command?.shell ?? true;
  if (command?.value === undefined) return shell ? 'NO COMMAND' : 'NO EXECUTABLE';
  if (shell) return `sh -c '${cut(command.value)}'`;
  return `[${cut([command.value, ...(command.arguments ?? [])].join(', '))}]`;
}

function cut(text: string): string {
  return text.length > COMMAND_SHOWN_MAX ? `${text.slice(0, COMMAND_SHOWN_MAX - 3)}...` : text;
}

function executorResources(task: TaskInfo): Resource[] {
  const allocation = task.resources?.[0]?.allocation_info;
  const scalar = (name: string, value: number): Resource => ({
    name,
    type: 'SCALAR',
    scalar: { value },
    ...(allocation && { allocation_info: allocation }),
  });
  return [scalar('cpus', EXECUTOR_CPUS), scalar('mem', EXECUTOR_MEMORY_MB)];
}
