/**
 * Names in the agent's work directory, as Mesos has them. The tree below `slaves/` stands there twice:
 * under the work directory with the sandboxes, under `meta/` with the checkpoints. Paths here are
 * relative to either.
 */
export interface AgentKey {
  readonly agentId: string;
}
export interface FrameworkKey extends AgentKey {
  readonly frameworkId: string;
}
export interface ExecutorKey extends FrameworkKey {
  readonly executorId: string;
}
export interface RunKey extends ExecutorKey {
  readonly containerId: string;
}
export interface TaskKey extends RunKey {
  readonly taskId: string;
}

export const LATEST = 'latest';
export const BOOT_ID_PATH = 'boot_id';
export const AGENTS_PATH = 'slaves';
/** Points to the agent that this work directory belongs to; without it the next start is a new one. */
export const LATEST_AGENT_PATH = `${AGENTS_PATH}/${LATEST}`;

export const metaDirectory = (workDirectory: string): string => `${workDirectory}/meta`;

export const agentPath = ({ agentId }: AgentKey): string => `${AGENTS_PATH}/${agentId}`;
export const agentInfoPath = (key: AgentKey): string => `${agentPath(key)}/slave.info`;
export const frameworksPath = (key: AgentKey): string => `${agentPath(key)}/frameworks`;

export const frameworkPath = (key: FrameworkKey): string =>
  `${frameworksPath(key)}/${key.frameworkId}`;
export const frameworkInfoPath = (key: FrameworkKey): string =>
  `${frameworkPath(key)}/framework.info`;
export const frameworkPidPath = (key: FrameworkKey): string =>
  `${frameworkPath(key)}/framework.pid`;
export const executorsPath = (key: FrameworkKey): string => `${frameworkPath(key)}/executors`;

export const executorPath = (key: ExecutorKey): string => `${executorsPath(key)}/${key.executorId}`;
export const executorInfoPath = (key: ExecutorKey): string => `${executorPath(key)}/executor.info`;
export const generatedForCommandTaskPath = (key: ExecutorKey): string =>
  `${executorPath(key)}/executor_generated_for_command_task`;
export const runsPath = (key: ExecutorKey): string => `${executorPath(key)}/runs`;
export const latestRunPath = (key: ExecutorKey): string => `${runsPath(key)}/${LATEST}`;

export const runPath = (key: RunKey): string => `${runsPath(key)}/${key.containerId}`;
/** Empty; stands when the run has ended and everything of it is told. */
export const sentinelPath = (key: RunKey): string => `${runPath(key)}/executor.sentinel`;
/** Empty; stands for an executor that speaks the v1 API. */
export const httpMarkerPath = (key: RunKey): string => `${runPath(key)}/http.marker`;
export const pidsPath = (key: RunKey): string => `${runPath(key)}/pids`;
export const forkedPidPath = (key: RunKey): string => `${pidsPath(key)}/forked.pid`;
export const libprocessPidPath = (key: RunKey): string => `${pidsPath(key)}/libprocess.pid`;
/** Ours, unknown to Mesos: what the built-in executor of a command task keeps. */
export const commandTaskPath = (key: RunKey): string => `${runPath(key)}/command.task`;
export const tasksPath = (key: RunKey): string => `${runPath(key)}/tasks`;

export const taskPath = (key: TaskKey): string => `${tasksPath(key)}/${key.taskId}`;
export const taskInfoPath = (key: TaskKey): string => `${taskPath(key)}/task.info`;
export const taskUpdatesPath = (key: TaskKey): string => `${taskPath(key)}/task.updates`;
