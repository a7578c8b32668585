import {
  executorInfoJson,
  frameworkRolesJson,
  labelsJson,
  resourcesJson,
  taskJson,
} from '../../common/json/model.ts';
import { Double, type Json } from '../../common/json/print-json.ts';
import { Resources } from '../../common/resources.ts';
import { FrameworkInfoDefaults, type ExecutorInfo } from '../../proto/index.ts';
import type { Framework } from '../state/framework.ts';
import type { OfferRecord } from '../state/offer-record.ts';
import type { TaskRecord } from '../state/task-record.ts';
import { offeredOf, seconds, type JsonObject } from './agent-json.ts';

/** A framework as every endpoint shows it (`master/http.cpp`). */
export function frameworkSummaryJson(framework: Framework): JsonObject {
  const { info } = framework;
  return {
    id: framework.id,
    name: info.name,
    pid: framework.pid?.toString(),
    used_resources: resourcesJson(usedBy(framework)),
    offered_resources: resourcesJson(offeredOf(framework)),
    capabilities: [...framework.capabilities],
    hostname: info.hostname ?? '',
    webui_url: info.webui_url ?? '',
    active: framework.active,
    connected: framework.connected,
    recovered: framework.recovered,
  };
}

/** A framework with its tasks, executors and offers. */
export function frameworkJson(framework: Framework): JsonObject {
  const { info } = framework;
  return {
    ...frameworkSummaryJson(framework),
    user: info.user,
    failover_timeout: new Double(info.failover_timeout ?? FrameworkInfoDefaults.failover_timeout),
    checkpoint: info.checkpoint ?? FrameworkInfoDefaults.checkpoint,
    registered_time: seconds(framework.registeredAtMs),
    unregistered_time: seconds(framework.unregisteredAtMs ?? 0),
    reregistered_time:
      framework.reregisteredAtMs === undefined ? undefined : seconds(framework.reregisteredAtMs),
    principal: info.principal,
    resources: resourcesJson(usedBy(framework).plus(offeredOf(framework))),
    ...frameworkRolesJson(info),
    tasks: [...framework.tasks.values()].map(taskOf),
    unreachable_tasks: [...framework.unreachableTasks.values()].map(taskOf),
    completed_tasks: framework.completedTasks.toArray().map(taskOf),
    offers: [...framework.offers].map(offerJson),
    executors: executorsJson(framework),
    labels: labelsJson(info.labels),
    offer_constraints: {},
  };
}

export const taskOf = (task: TaskRecord): JsonObject => taskJson(task.toTask());

/** What it holds: live tasks and executors. */
export function usedBy(framework: Framework): Resources {
  let used = Resources.EMPTY;
  for (const task of framework.tasks.values()) {
    if (task.holdsResources) used = used.plus(task.allocated);
  }
  for (const { resources } of framework.executors.values()) {
    used = used.plus(Resources.fromProtobuf(resources));
  }
  return used;
}

function offerJson(offer: OfferRecord): JsonObject {
  return {
    id: offer.id,
    framework_id: offer.frameworkId,
    allocation_info: { role: offer.role },
    slave_id: offer.agentId,
    resources: resourcesJson(offer.resources),
  };
}

function executorsJson(framework: Framework): Json {
  return framework.executors.firstKeys().flatMap((agentId) =>
    framework.executors.of(agentId).map((info: ExecutorInfo) => ({
      ...executorInfoJson(info),
      slave_id: agentId,
    })),
  );
}
