import {
  ContainerInfo,
  ContainerStatus,
  DiscoveryInfo,
  HealthCheck,
  type CommandInfo,
  type ExecutorInfo,
  type FrameworkInfo,
  type Labels,
  type Resource,
  type Task,
  type TaskStatus,
} from '../../proto/index.ts';
import { Resources } from '../resources.ts';
import { Double, RawJson, type Json } from './print-json.ts';

/** Objects of the classic endpoints that master and agent share (`common/http.cpp`). */

type JsonObject = Record<string, Json | undefined>;

export function resourcesJson(resources: Resources): JsonObject {
  const fields: JsonObject = {};
  for (const [name, value] of Object.entries(resources.toJson())) {
    fields[name] = typeof value === 'number' ? new Double(value) : value;
  }
  return fields;
}

/** The role that resources are allocated to: those of one task have one. */
export function roleOf(resources: readonly Resource[] | undefined): string {
  return resources?.[0]?.allocation_info?.role ?? '*';
}

export function labelsJson(labels: Labels | undefined): Json | undefined {
  return labels?.labels?.map(({ key, value }) => ({ key, value }));
}

export function statusJson(status: TaskStatus): JsonObject {
  return {
    state: status.state,
    timestamp: new Double(status.timestamp ?? 0),
    labels: labelsJson(status.labels),
    container_status: status.container_status && containerStatusJson(status.container_status),
    healthy: status.healthy,
  };
}

/** Of the fields of Mesos's the endpoints show all but the pid. */
function containerStatusJson(status: ContainerStatus): RawJson {
  const shown: { -readonly [K in keyof ContainerStatus]: ContainerStatus[K] } = { ...status };
  delete shown.executor_pid;
  return new RawJson(ContainerStatus.toJson(shown));
}

/** @param executorId `''` for command tasks at the master, as dashboards expect. */
export function taskJson(task: Task, executorId = task.executor_id?.value ?? ''): JsonObject {
  return {
    id: task.task_id.value,
    name: task.name,
    framework_id: task.framework_id.value,
    executor_id: executorId,
    slave_id: task.slave_id.value,
    state: task.state,
    resources: resourcesJson(Resources.fromProtobuf(task.resources)),
    role: roleOf(task.resources),
    statuses: (task.statuses ?? []).map(statusJson),
    user: task.user,
    labels: labelsJson(task.labels),
    discovery: task.discovery && new RawJson(DiscoveryInfo.toJson(task.discovery)),
    container: task.container && new RawJson(ContainerInfo.toJson(task.container)),
    health_check: task.health_check && new RawJson(HealthCheck.toJson(task.health_check)),
  };
}

export function commandJson(command: CommandInfo): JsonObject {
  return {
    shell: command.shell,
    value: command.value,
    argv: command.arguments ?? [],
    environment: command.environment && {
      variables: (command.environment.variables ?? []).map(({ name, value }) => ({ name, value })),
    },
    uris: (command.uris ?? []).map(({ value, executable }) => ({
      value,
      executable: executable ?? false,
    })),
  };
}

export function executorInfoJson(info: ExecutorInfo): JsonObject {
  return {
    executor_id: info.executor_id.value,
    name: info.name ?? '',
    framework_id: info.framework_id?.value ?? '',
    command: commandJson(info.command ?? {}),
    resources: resourcesJson(Resources.fromProtobuf(info.resources)),
    role: info.resources?.length === undefined ? undefined : roleOf(info.resources),
    labels: labelsJson(info.labels),
    type: info.type,
  };
}

/** `roles` for MULTI_ROLE frameworks, `role` for the others: never both. */
export function frameworkRolesJson(info: FrameworkInfo): JsonObject {
  const multiRole = info.capabilities?.some(({ type }) => type === 'MULTI_ROLE') ?? false;
  return multiRole ? { roles: info.roles ?? [] } : { role: info.role ?? '*' };
}
