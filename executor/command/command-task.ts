import type { CommandTask } from './command-executor.ts';
import type { DurationInfo, FrameworkInfo, TaskInfo } from '../../proto/index.ts';

const NANOSECONDS_PER_MILLISECOND = 1e6;

/** What the executor goes by, of all that a task or its record says. */
export function commandTask(
  task: Pick<TaskInfo, 'task_id' | 'kill_policy' | 'max_completion_time'>,
  framework: FrameworkInfo,
): CommandTask {
  const killGraceMs = millis(task.kill_policy?.grace_period);
  const completionMs = millis(task.max_completion_time);
  return {
    taskId: task.task_id.value,
    killingState: (framework.capabilities ?? []).some(({ type }) => type === 'TASK_KILLING_STATE'),
    ...(killGraceMs !== undefined && { killGraceMs }),
    ...(completionMs !== undefined && { completionMs }),
  };
}

/** The program and its arguments; a shell command is one argument of a shell. */
export function commandArgv({ command }: TaskInfo): [string, ...string[]] | undefined {
  if (command?.value === undefined) return undefined;
  if (command.shell ?? true) return ['/bin/sh', '-c', command.value];
  // The first argument is the name that the program is called by, which is left to the system.
  return [command.value, ...(command.arguments ?? []).slice(1)];
}

/** What the agent gives every executor, and the task's own variables on top. */
export function commandEnvironment(
  task: TaskInfo,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = { ...given };
  const role = task.resources?.find(({ allocation_info: allocation }) => allocation?.role)
    ?.allocation_info?.role;
  if (role !== undefined) environment['MESOS_ALLOCATION_ROLE'] = role;
  for (const { name, value } of task.command?.environment?.variables ?? [])
    environment[name] = value ?? '';
  return environment;
}

function millis(duration: DurationInfo | undefined): number | undefined {
  return duration && Number(duration.nanoseconds) / NANOSECONDS_PER_MILLISECOND;
}
