import { attributesToJson } from '../../common/attributes.ts';
import { resourcesJson } from '../../common/json/model.ts';
import { Double, RawJson, type Json } from '../../common/json/print-json.ts';
import { Resources } from '../../common/resources.ts';
import type { Millis } from '../../libprocess/clock.ts';
import { Resource, type Attribute, type SlaveInfo } from '../../proto/index.ts';
import { usedByFramework } from '../agents/agent-lifecycle.ts';
import type { Agent } from '../state/agent.ts';

export type JsonObject = Record<string, Json | undefined>;

const MS_PER_SECOND = 1_000;

export const seconds = (ms: Millis): Double => new Double(ms / MS_PER_SECOND);

/** An agent as every endpoint shows it (`master/http.cpp`, `SlaveWriter`). */
export function agentJson(agent: Agent): JsonObject {
  const total = agent.total;
  return {
    id: agent.id,
    hostname: agent.info.hostname,
    port: agent.info.port ?? agent.pid.port,
    attributes: attributesJson(agent.info.attributes),
    pid: agent.pid.toString(),
    registered_time: seconds(agent.registeredAtMs),
    reregistered_time:
      agent.reregisteredAtMs === undefined ? undefined : seconds(agent.reregisteredAtMs),
    resources: resourcesJson(total),
    used_resources: resourcesJson(usedOf(agent)),
    offered_resources: resourcesJson(offeredOf(agent)),
    reserved_resources: byRole(total, resourcesJson),
    unreserved_resources: resourcesJson(total.unreserved()),
    active: agent.active,
    deactivated: false,
    version: agent.version,
    capabilities: [...agent.capabilities],
  };
}

/** What `/slaves` shows more of it. */
export function agentResourcesJson(agent: Agent): JsonObject {
  const { total } = agent;
  return {
    reserved_resources_full: byRole(total, fullJson),
    unreserved_resources_full: fullJson(total.unreserved()),
    used_resources_full: fullJson(usedOf(agent)),
    offered_resources_full: fullJson(offeredOf(agent)),
  };
}

/** An agent that has not come back since the election of this master. */
export function recoveredAgentJson(info: SlaveInfo): JsonObject {
  const total = Resources.fromProtobuf(info.resources);
  return {
    id: info.id?.value ?? '',
    hostname: info.hostname,
    port: info.port ?? 0,
    attributes: attributesJson(info.attributes),
    resources: resourcesJson(total),
    reserved_resources: byRole(total, resourcesJson),
    unreserved_resources: resourcesJson(total.unreserved()),
  };
}

const sum = (parts: Iterable<Resources>): Resources =>
  [...parts].reduce((total, part) => total.plus(part), Resources.EMPTY);

export const usedOf = (agent: Agent): Resources => sum(usedByFramework(agent).values());

export const offeredOf = ({ offers }: Pick<Agent, 'offers'>): Resources =>
  sum([...offers].map(({ resources }) => resources));

function attributesJson(attributes: readonly Attribute[] = []): Json {
  const fields: JsonObject = {};
  for (const [name, value] of Object.entries(attributesToJson(attributes))) {
    fields[name] = typeof value === 'number' ? new Double(value) : value;
  }
  return fields;
}

function byRole(resources: Resources, print: (reserved: Resources) => Json): Json {
  const fields: JsonObject = {};
  for (const [role, reserved] of resources.reservations()) fields[role] = print(reserved);
  return fields;
}

/** Whole messages, in the format before refined reservations where that can say it. */
function fullJson(resources: Resources): Json {
  const wire = resources.toPreRefinementProtobuf() ?? resources.toProtobuf();
  return wire.map((resource) => new RawJson(Resource.toJson(resource)));
}
