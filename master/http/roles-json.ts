import { Double, type Json } from '../../common/json/print-json.ts';
import { ResourceQuantities } from '../../common/resource-quantities.ts';
import { fromMilli } from '../../common/scalars.ts';
import type { Framework } from '../state/framework.ts';
import type { MasterState } from '../state/master-state.ts';
import type { JsonObject } from './agent-json.ts';

interface RoleSums {
  readonly frameworks: string[];
  allocated: ResourceQuantities;
  offered: ResourceQuantities;
}

/** `/roles`: who is in each role, and what it holds. */
export function rolesJson({ frameworks }: MasterState): Json {
  const roles = new Map<string, RoleSums>();
  for (const framework of frameworks.registered.values()) {
    for (const role of framework.roles) entryOf(roles, role).frameworks.push(framework.id);
    addHoldings(roles, framework);
  }
  const names = [...roles.keys()].sort();
  return { roles: names.map((name) => roleJson(name, entryOf(roles, name))) };
}

function entryOf(roles: Map<string, RoleSums>, role: string): RoleSums {
  const known = roles.get(role);
  if (known) return known;
  const empty = ResourceQuantities.EMPTY;
  const entry = { frameworks: [], allocated: empty, offered: empty };
  roles.set(role, entry);
  return entry;
}

/** A framework may hold something in a role that it has left. */
function addHoldings(roles: Map<string, RoleSums>, framework: Framework): void {
  for (const task of framework.tasks.values()) {
    if (!task.holdsResources) continue;
    for (const [role, resources] of task.allocated.allocations()) {
      const entry = entryOf(roles, role);
      entry.allocated = entry.allocated.plus(resources.quantities());
    }
  }
  for (const offer of framework.offers) {
    const entry = entryOf(roles, offer.role);
    entry.offered = entry.offered.plus(offer.resources.quantities());
  }
}

function roleJson(name: string, { frameworks, allocated, offered }: RoleSums): JsonObject {
  const consumed = quantitiesJson(allocated);
  return {
    name,
    weight: new Double(1),
    quota: { role: name, guarantee: {}, limit: {}, consumed },
    resources: quantitiesJson(allocated.plus(offered)),
    allocated: consumed,
    offered: quantitiesJson(offered),
    reserved: {},
    frameworks,
  };
}

function quantitiesJson({ quantities }: ResourceQuantities): JsonObject {
  const fields: JsonObject = {};
  for (const { name, milli } of quantities) fields[name] = new Double(fromMilli(milli));
  return fields;
}
