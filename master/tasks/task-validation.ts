import { isDeepStrictEqual } from 'node:util';
import { executorId, taskId } from '../../common/ids.ts';
import { resourcesProblem } from '../../common/resource-validation.ts';
import { Resources } from '../../common/resources.ts';
import { idProblem } from '../../common/validation.ts';
import type { CheckInfo, ExecutorInfo, HealthCheck, TaskInfo } from '../../proto/index.ts';
import type { Agent } from '../state/agent.ts';
import type { Framework } from '../state/framework.ts';

/** What a task is launched with. */
export interface LaunchContext {
  readonly framework: Framework;
  readonly agent: Agent;
  /** What is left of the offers, with its allocation role. */
  readonly available: Resources;
}

/**
 * What is wrong with a task that is being launched, in Mesos's words and order (validation.cpp,
 * `task::validate`); undefined if nothing. Its resources carry their allocation role already.
 */
export function taskProblem(task: TaskInfo, context: LaunchContext): string | undefined {
  return (
    idProblem(task.task_id.value) ??
    uniqueIdProblem(task, context.framework) ??
    agentProblem(task, context.agent) ??
    durationsProblem(task) ??
    checkProblem(task.check) ??
    healthCheckProblem(task.health_check) ??
    taskResourcesProblem(task) ??
    limitsProblem(task) ??
    executorProblem(task, context) ??
    usageProblem(task, context)
  );
}

function uniqueIdProblem({ task_id }: TaskInfo, framework: Framework): string | undefined {
  const id = taskId(task_id.value);
  if (framework.tasks.has(id)) return `Task has duplicate ID: ${id}`;
  // Its agent may come back with it.
  if (framework.unreachableTasks.has(id)) return `Task reuses the ID of an unreachable task: ${id}`;
  return undefined;
}

function agentProblem({ slave_id }: TaskInfo, agent: Agent): string | undefined {
  if (slave_id.value === agent.id) return undefined;
  return `Task uses invalid agent ${slave_id.value} while agent ${agent.id} is expected`;
}

function durationsProblem({ kill_policy, max_completion_time }: TaskInfo): string | undefined {
  if ((kill_policy?.grace_period?.nanoseconds ?? 0n) < 0n) {
    return "Task's 'kill_policy.grace_period' must be non-negative";
  }
  if ((max_completion_time?.nanoseconds ?? 0n) < 0n) {
    return "Task's 'max_completion_time' must be non-negative";
  }
  return undefined;
}

function checkProblem(check: CheckInfo | undefined): string | undefined {
  if (!check) return undefined;
  const problem =
    (check.type === undefined || check.type === 'UNKNOWN'
      ? 'CheckInfo must specify `type`'
      : undefined) ??
    missingPart(check.type, { COMMAND: check.command, HTTP: check.http, TCP: check.tcp }) ??
    delaysProblem(check);
  return problem && `Task uses invalid check: ${problem}`;
}

function healthCheckProblem(check: HealthCheck | undefined): string | undefined {
  if (!check) return undefined;
  const problem =
    (check.type === undefined || check.type === 'UNKNOWN'
      ? 'HealthCheck must specify `type`'
      : undefined) ??
    missingPart(check.type, { COMMAND: check.command, HTTP: check.http, TCP: check.tcp }) ??
    delaysProblem(check);
  return problem && `Task uses invalid health check: ${problem}`;
}

function missingPart(
  type: string | undefined,
  parts: Readonly<Record<string, unknown>>,
): string | undefined {
  if (type === undefined || parts[type] !== undefined) return undefined;
  return `Expecting '${type.toLowerCase()}' to be set for ${type} check`;
}

interface CheckDelays {
  readonly delay_seconds?: number;
  readonly interval_seconds?: number;
  readonly timeout_seconds?: number;
  readonly grace_period_seconds?: number;
}

function delaysProblem(check: CheckDelays): string | undefined {
  const names = [
    'delay_seconds',
    'interval_seconds',
    'timeout_seconds',
    'grace_period_seconds',
  ] as const;
  const negative = names.find((name) => (check[name] ?? 0) < 0);
  return negative && `Expecting '${negative}' to be non-negative`;
}

function taskResourcesProblem({ resources = [] }: TaskInfo): string | undefined {
  if (resources.length === 0) return 'Task uses no resources';
  const problem = resourcesProblem(resources);
  if (problem) return `Task uses invalid resources: ${problem}`;
  const parsed = Resources.fromProtobuf(resources);
  if (parsed.isEmpty) return 'Task uses no resources';
  return mixProblem(parsed);
}

/** One name may not be revocable in part: nobody could say which part is taken away. */
function mixProblem(resources: Resources): string | undefined {
  const revocable = new Set(resources.revocable().names);
  const mixed = resources.nonRevocable().names.find((name) => revocable.has(name));
  if (mixed === undefined) return duplicatePersistenceProblem(resources);
  return `Task uses both revocable and non-revocable '${mixed}'`;
}

function duplicatePersistenceProblem(resources: Resources): string | undefined {
  const seen = new Set<string>();
  for (const { kind } of resources.entries) {
    const id = kind.disk?.persistence?.id;
    if (id === undefined || kind.shared) continue;
    const key = `${kind.reservationRole} ${id}`;
    if (seen.has(key)) return `Task uses duplicate persistence ID: ${id}`;
    seen.add(key);
  }
  return undefined;
}

const LIMITED = new Set(['cpus', 'mem']);

function limitsProblem({ limits = {}, resources }: TaskInfo): string | undefined {
  const requested = Resources.fromProtobuf(resources);
  for (const [name, { value }] of Object.entries(limits)) {
    if (!LIMITED.has(name))
      return `Task has limits for '${name}', only cpus and mem can be limited`;
    const request = requested.scalar(name) ?? 0;
    // NaN is not above anything.
    if (!(value >= request))
      return `Task has a limit of ${value} ${name} below its request of ${request}`;
  }
  return undefined;
}

function executorProblem(task: TaskInfo, context: LaunchContext): string | undefined {
  const { executor, command } = task;
  if ((executor === undefined) === (command === undefined)) {
    return 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present';
  }
  return executor && executorInfoProblem(executor, context);
}

/** What is wrong with the executor of a task or task group on that agent. */
export function executorInfoProblem(
  executor: ExecutorInfo,
  { framework, agent }: LaunchContext,
): string | undefined {
  const problem = idProblem(executor.executor_id.value);
  if (problem) return `Executor has an invalid ID: ${problem}`;
  const frameworkId = executor.framework_id?.value ?? framework.id;
  if (frameworkId !== framework.id) {
    return `ExecutorInfo has an invalid FrameworkID (Actual: ${frameworkId} vs Expected: ${framework.id})`;
  }
  if ((executor.shutdown_grace_period?.nanoseconds ?? 0n) < 0n) {
    return "ExecutorInfo's 'shutdown_grace_period' must be non-negative";
  }
  if (executor.type !== 'DEFAULT' && !executor.command) {
    return "'ExecutorInfo.command' must be set for 'CUSTOM' executor";
  }
  const resources = resourcesProblem(executor.resources ?? []);
  if (resources) return `Executor uses invalid resources: ${resources}`;
  const existing = agent.executors.get(framework.id, executorId(executor.executor_id.value));
  if (existing && !sameExecutor(existing, executor)) {
    return 'ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID';
  }
  return undefined;
}

/** Whether two descriptions mean one executor: the agent tells its own in its own words. */
function sameExecutor(left: ExecutorInfo, right: ExecutorInfo): boolean {
  const { resources: leftResources, framework_id: _left, ...leftRest } = left;
  const { resources: rightResources, framework_id: _right, ...rightRest } = right;
  const resourcesOf = (resources: ExecutorInfo['resources']): Resources =>
    Resources.fromProtobuf(resources).unallocate();
  return (
    isDeepStrictEqual(leftRest, rightRest) &&
    resourcesOf(leftResources).equals(resourcesOf(rightResources))
  );
}

/** What a launch takes: the task and, if it is not there yet, its executor. */
export function launchResources(task: TaskInfo, { framework, agent }: LaunchContext): Resources {
  const own = Resources.fromProtobuf(task.resources);
  const { executor } = task;
  if (!executor) return own;
  const id = executorId(executor.executor_id.value);
  if (agent.executors.has(framework.id, id)) return own;
  return own.plus(Resources.fromProtobuf(executor.resources));
}

function usageProblem(task: TaskInfo, context: LaunchContext): string | undefined {
  const total = launchResources(task, context);
  if (context.available.contains(total)) return undefined;
  return (
    `Total resources ${total.toString()} required by task and its executor is more than ` +
    `available ${context.available.toString()}`
  );
}
