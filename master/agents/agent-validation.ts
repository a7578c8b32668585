import { resourcesProblem } from '../../common/resource-validation.ts';
import { idProblem } from '../../common/validation.ts';
import {
  SlaveInfo,
  type RegisterSlaveMessage,
  type ReregisterSlaveMessage,
} from '../../proto/index.ts';

/** Oldest agent that is let in; older ones speak another protocol. */
const MAJOR_VERSION_MIN = 1;

/** What is wrong with an agent's wish to register; such messages are dropped. */
export function registrationProblem(message: RegisterSlaveMessage): string | undefined {
  if (message.slave.id) {
    const problem = idProblem(message.slave.id.value);
    if (problem) return `agent id: ${problem}`;
  }
  return agentProblem(message.slave, message);
}

/** What is wrong with an agent's wish to reregister; such messages are dropped. */
export function reregistrationProblem(message: ReregisterSlaveMessage): string | undefined {
  const { slave } = message;
  if (!slave.id) return 'no agent id';
  return (
    idProblem(slave.id.value) ??
    agentProblem(slave, message) ??
    tasksProblem(message, slave.id.value) ??
    executorsProblem(message)
  );
}

interface Described {
  readonly version?: string;
  readonly checkpointed_resources?: SlaveInfo['resources'];
}

function agentProblem(info: SlaveInfo, { version, checkpointed_resources }: Described) {
  return (
    hostnameProblem(info.hostname) ??
    sizeProblem(info) ??
    resourcesProblem(info.resources ?? []) ??
    resourcesProblem(checkpointed_resources ?? []) ??
    versionProblem(version)
  );
}

/** Names longer than this are no host's. */
const HOSTNAME_LENGTH_MAX = 255;

const hostnameProblem = ({ length }: string): string | undefined =>
  length > HOSTNAME_LENGTH_MAX
    ? `hostname of more than ${HOSTNAME_LENGTH_MAX} characters`
    : undefined;

/** Longest description of one agent: the registry holds those of all. */
const INFO_BYTES_MAX = 256 * 1_024;

const sizeProblem = (info: SlaveInfo): string | undefined =>
  SlaveInfo.encode(info).length > INFO_BYTES_MAX
    ? `description of more than ${INFO_BYTES_MAX} bytes`
    : undefined;

function versionProblem(version: string | undefined): string | undefined {
  const major = /^(\d+)\.\d+\.\d+/.exec(version ?? '')?.[1];
  if (major === undefined) return `version '${version ?? ''}' is not of the form N.N.N`;
  return Number(major) < MAJOR_VERSION_MIN ? `version ${version ?? ''} is too old` : undefined;
}

function tasksProblem({ tasks = [] }: ReregisterSlaveMessage, agent: string): string | undefined {
  const seen = new Set<string>();
  for (const task of tasks) {
    const problem = idProblem(task.task_id.value) ?? idProblem(task.framework_id.value);
    if (problem) return `task: ${problem}`;
    if (task.slave_id.value !== agent) return `task '${task.task_id.value}' is of another agent`;
    const resources = resourcesProblem(task.resources ?? []);
    if (resources) return `task '${task.task_id.value}': ${resources}`;
    const key = `${task.framework_id.value}/${task.task_id.value}`;
    if (seen.has(key)) return `task '${task.task_id.value}' is there twice`;
    seen.add(key);
  }
  return undefined;
}

function executorsProblem(message: ReregisterSlaveMessage): string | undefined {
  const seen = new Set<string>();
  for (const { executor_id, framework_id, resources = [] } of message.executor_infos ?? []) {
    const problem = idProblem(executor_id.value);
    if (problem) return `executor: ${problem}`;
    if (!framework_id) return `executor '${executor_id.value}' is of no framework`;
    const held = idProblem(framework_id.value) ?? resourcesProblem(resources);
    if (held) return `executor '${executor_id.value}': ${held}`;
    const key = `${framework_id.value}/${executor_id.value}`;
    if (seen.has(key)) return `executor '${executor_id.value}' is there twice`;
    seen.add(key);
  }
  return undefined;
}
