import { attributesToJson } from '../../common/attributes.ts';
import {
  frameworkRolesJson,
  labelsJson,
  resourcesJson,
  roleOf,
  taskJson,
} from '../../common/json/model.ts';
import { Double, RawJson, type Json } from '../../common/json/print-json.ts';
import { Resources } from '../../common/resources.ts';
import { VERSION } from '../../common/version.ts';
import { Resource, type Attribute, type Task } from '../../proto/index.ts';
import type { AgentContext } from '../agent-context.ts';
import type { Executor } from '../model/executor.ts';
import type { Framework } from '../model/framework.ts';
import { AGENT_CAPABILITIES } from '../registration/capabilities.ts';
import { stagingTask } from '../tasks/staging-task.ts';

/** `/state` of the agent, fields as in Mesos (`slave/http.cpp`). */
export function stateJson({ model, flags, actor, startedAtMs }: AgentContext): Json {
  const total = Resources.fromProtobuf(model.info.resources);
  const used = model.allocatedResources();
  return {
    version: VERSION,
    build_date: '',
    build_time: new Double(0),
    build_user: '',
    start_time: new Double(startedAtMs / 1_000),
    id: model.agentId ?? '',
    pid: actor.self.toString(),
    hostname: model.info.hostname,
    capabilities: AGENT_CAPABILITIES.map(({ type }) => type ?? 'UNKNOWN'),
    resources: resourcesJson(total),
    reserved_resources: byRole(total, resourcesJson),
    unreserved_resources: resourcesJson(total.unreserved()),
    reserved_resources_full: byRole(total, fullJson),
    unreserved_resources_full: fullJson(total.unreserved()),
    reserved_resources_allocated: byRole(used, resourcesJson),
    unreserved_resources_allocated: resourcesJson(used.unreserved()),
    resource_providers: [],
    attributes: attributesJson(model.info.attributes ?? []),
    master_hostname: model.master?.ip ?? '',
    flags: flags.shown,
    frameworks: [...model.frameworks.values()].map(frameworkJson),
    completed_frameworks: model.completedFrameworks.items().map(frameworkJson),
  };
}

function byRole(resources: Resources, print: (reserved: Resources) => Json): Json {
  const fields: Record<string, Json> = {};
  for (const [role, reserved] of resources.reservations()) fields[role] = print(reserved);
  return fields;
}

function fullJson(resources: Resources): Json {
  const wire = resources.toPreRefinementProtobuf() ?? resources.toProtobuf();
  return wire.map((resource) => new RawJson(Resource.toJson(resource)));
}

function attributesJson(attributes: readonly Attribute[]): Json {
  const fields: Record<string, Json> = {};
  for (const [name, value] of Object.entries(attributesToJson(attributes))) {
    fields[name] = typeof value === 'number' ? new Double(value) : value;
  }
  return fields;
}

function frameworkJson(framework: Framework): Json {
  const { info } = framework;
  return {
    id: framework.id,
    name: info.name,
    user: info.user,
    failover_timeout: new Double(info.failover_timeout ?? 0),
    checkpoint: info.checkpoint ?? false,
    hostname: info.hostname ?? '',
    principal: info.principal,
    ...frameworkRolesJson(info),
    executors: [...framework.executors.values()].map(executorJson),
    completed_executors: framework.completedExecutors.items().map(executorJson),
  };
}

function executorJson(executor: Executor): Json {
  const { info, key } = executor;
  // Dashboards know a command task by having no executor.
  const task = (one: Task): Json => (executor.commandTask ? taskJson(one, '') : taskJson(one));
  const queued = [...executor.queuedTasks.values()].map((one) =>
    task(stagingTask(one, key.frameworkId, key.agentId)),
  );
  return {
    id: executor.id,
    name: info.name ?? '',
    source: info.source ?? '',
    container: executor.containerId,
    directory: executor.directory,
    resources: resourcesJson(executor.allocatedResources()),
    role: info.resources && roleOf(info.resources),
    labels: labelsJson(info.labels),
    type: info.type,
    tasks: [...executor.launchedTasks.values()].map(task),
    queued_tasks: queued,
    completed_tasks: [...executor.completedTasks.items(), ...executor.terminatedTasks.values()].map(
      task,
    ),
  };
}
