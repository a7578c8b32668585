import { agentId, type AgentId } from '../../common/ids.ts';
import { offeredOf, usedOf } from '../../master/http/agent-json.ts';
import type { Agent } from '../../master/state/agent.ts';
import type { Framework } from '../../master/state/framework.ts';
import type { MasterState } from '../../master/state/master-state.ts';
import { masterOn } from '../../testing/cluster-state.ts';
import type { Cluster } from '../../testing/cluster.ts';
import type { StoredRegistry } from './registry-checks.ts';

/** How long agents of a former master are waited for, and a little more. */
const COME_BACK_WITHIN_MS = 660_000;
const MS_PER_SECOND = 1_000;
/** A master may have been stopped for two minutes. */
const LATE_MS = 150_000;

/** A framework without a scheduler. */
interface Away {
  /** How often there has been one: it is back with the next. */
  readonly subscriptions: number;
  readonly sinceMs: number;
}

/** Looks at what masters believe. */
export class StateChecks {
  /** When a master was first seen that waits for agents. */
  readonly #waitsSinceMs = new WeakMap<MasterState, number>();
  readonly #away = new WeakMap<Framework, Away>();
  /** Agents that the registry has forgotten, and the master not yet. */
  #forgottenSinceMs = new Map<AgentId, number>();
  /** What was claimed on an agent, and of what, when it was last summed up: none of it ever changes. */
  readonly #balanced = new WeakMap<Agent, readonly unknown[]>();

  /** Looks at the leading master, if there is one; throws what does not hold. */
  look(cluster: Cluster, stored: StoredRegistry): void {
    const state = cluster.masterProcess.alive ? masterOn(cluster.masterNode)?.state : undefined;
    if (!state) return;
    checkOffers(state);
    for (const agent of state.agents.registered.values()) {
      this.#checkBalance(state, agent);
      checkPlace(state, agent);
    }
    checkPlaces(state, stored);
    this.#checkForgotten(state, stored, cluster.sim.nowMs);
    this.#checkMissed(state, cluster.sim.nowMs);
    this.#checkAway(state, cluster.sim.nowMs);
  }

  /** M9: a framework whose scheduler stays away is over when its time is. */
  #checkAway({ frameworks }: MasterState, nowMs: number): void {
    for (const framework of frameworks.registered.values()) {
      const { id, connected, subscriptions, state, info } = framework;
      if (connected) continue;
      const known = this.#away.get(framework);
      const away =
        known?.subscriptions === subscriptions ? known : { subscriptions, sinceMs: nowMs };
      this.#away.set(framework, away);
      const ownMs = (info.failover_timeout ?? 0) * MS_PER_SECOND;
      const mayMs = state === 'recovered' ? Math.max(ownMs, COME_BACK_WITHIN_MS) : ownMs;
      if (nowMs > away.sinceMs + mayMs + LATE_MS)
        throw new Error(`M9: framework '${id}' has been away for ${mayMs} ms and is still there`);
    }
  }

  /** M5, M6: an agent that does not come back to a new master becomes unreachable. */
  #checkMissed(state: MasterState, nowMs: number): void {
    const { recovered } = state.agents;
    const sinceMs = this.#waitsSinceMs.get(state) ?? nowMs;
    this.#waitsSinceMs.set(state, sinceMs);
    if (nowMs - sinceMs < COME_BACK_WITHIN_MS) return;
    for (const id of recovered.keys()) {
      if (!state.agents.inTransition(id))
        throw new Error(`M6: agent '${id}' has not come back to the master, which waits for ever`);
    }
  }

  /** M4, G5: what the registry has forgotten its master does as soon as it hears that this is stored. */
  #checkForgotten({ agents, info }: MasterState, stored: StoredRegistry, nowMs: number): void {
    const before = this.#forgottenSinceMs;
    this.#forgottenSinceMs = new Map();
    if (stored.leader !== info.id) return;
    for (const id of agents.unreachable.keys()) {
      if (stored.unreachable.has(id) || agents.inTransition(id)) continue;
      const sinceMs = before.get(id) ?? nowMs;
      this.#forgottenSinceMs.set(id, sinceMs);
      if (nowMs > sinceMs + LATE_MS)
        throw new Error(`M4: agent '${id}' is unreachable, and not in the registry`);
    }
  }

  /** A2, A3, A4: nothing is offered twice, nor what is in use. */
  #checkBalance(state: MasterState, agent: Agent): void {
    const items = itemsOf(agent);
    const before = this.#balanced.get(agent);
    if (before?.length === items.length && items.every((item, at) => item === before[at])) return;
    const offered = offeredOf(agent);
    const claimed = usedOf(agent).plus(offered).unallocate();
    const isTooMuch = !agent.total.unallocate().contains(claimed);
    if (isTooMuch && !(offered.isEmpty && mayComeTwice(state, agent))) {
      const [has, wants] = [agent.total, claimed].map(String);
      throw new Error(`A4: agent '${agent.id}' has ${has}, and ${wants} is used and offered`);
    }
    this.#balanced.set(agent, items);
  }
}

/** What does not checkpoint may have been given up on its way there, be replaced, and come back after all. */
const mayComeTwice = ({ frameworks }: MasterState, agent: Agent): boolean =>
  [...agent.frameworkIds()].some((id) => frameworks.registered.get(id)?.info.checkpoint !== true);

/** All that `usedOf` and `offeredOf` sum up, and what it is a part of. */
function itemsOf(agent: Agent): readonly unknown[] {
  const items: unknown[] = [agent.total];
  for (const task of agent.tasks.values()) if (task.holdsResources) items.push(task.allocated);
  for (const framework of agent.executors.firstKeys()) items.push(...agent.executors.of(framework));
  for (const { resources } of agent.offers) items.push(resources);
  return items;
}

/**
 * M4, M5: what the leading master takes an agent for is what the registry says, but for what is being
 * written. A master that is no longer the last to have written has other books.
 */
function checkPlaces({ agents, info }: MasterState, stored: StoredRegistry): void {
  if (stored.leader !== info.id) return;
  const moves = (id: AgentId): boolean => agents.inTransition(id);
  for (const id of agents.registered.keys()) {
    if (!stored.admitted.has(id) && !moves(id))
      throw new Error(`M4: agent '${id}' is registered, and not in the registry`);
  }
  for (const name of stored.unreachable.keys()) {
    const id = agentId(name);
    if (!agents.unreachable.has(id) && !moves(id))
      throw new Error(`M5: the master does not know that agent '${id}' is unreachable`);
  }
  for (const id of agents.unreachable.keys()) {
    if (stored.admitted.has(id) && !moves(id))
      throw new Error(`M4: agent '${id}' is unreachable, and not in the registry`);
  }
}

/** The master's own books, from which it answers everyone. */
function checkOffers({ agents, frameworks, offers }: MasterState): void {
  for (const offer of offers.values()) {
    const { id, agentId, frameworkId, resources } = offer;
    // O1: an offer ends with its framework or agent, and does not outlive them.
    if (agents.registered.get(agentId)?.offers.has(offer) !== true)
      throw new Error(`O1: offer '${id}' is of agent '${agentId}', which has it not`);
    if (!frameworks.registered.get(frameworkId)?.active)
      throw new Error(`A11: offer '${id}' is one to a framework that is not active`);
    if (resources.allocationRole === undefined && resources.allocations().size !== 1)
      throw new Error(`O7: offer '${id}' is not for one role`);
  }
}

/** M4: an agent is in one place. */
function checkPlace({ agents }: MasterState, { id }: Agent): void {
  const { recovered, unreachable, gone, removed } = agents;
  if (recovered.has(id) || unreachable.has(id) || gone.has(id) || removed.has(id))
    throw new Error(`M4: agent '${id}' is registered and somewhere else`);
}
