import { agentId, type AgentId } from '../../common/ids.ts';
import { offeredOf, usedOf } from '../../master/http/agent-json.ts';
import type { MasterState } from '../../master/state/master-state.ts';
import { masterOn } from '../../testing/cluster-state.ts';
import type { Cluster } from '../../testing/cluster.ts';
import type { StoredRegistry } from './registry-checks.ts';

/** Looks at what the leading master believes, if there is one; throws what does not hold. */
export function lookAtState(cluster: Cluster, stored: StoredRegistry): void {
  const state = cluster.masterProcess.alive ? masterOn(cluster.masterNode)?.state : undefined;
  if (!state) return;
  checkState(state);
  checkPlaces(state, stored);
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
    if (!stored.unreachable.has(id) && !moves(id))
      throw new Error(`M4: agent '${id}' is unreachable, and not in the registry`);
  }
}

/** The master's own books, from which it answers everyone. */
function checkState({ agents, frameworks, offers }: MasterState): void {
  for (const { id, agentId, frameworkId, resources } of offers.values()) {
    // O1: an offer ends with its framework or agent, and does not outlive them.
    const known = agents.registered.get(agentId);
    if (![...(known?.offers ?? [])].some((offer) => offer.id === id))
      throw new Error(`O1: offer '${id}' is of agent '${agentId}', which has it not`);
    if (!frameworks.registered.get(frameworkId)?.active)
      throw new Error(`A11: offer '${id}' is one to a framework that is not active`);
    if (resources.allocations().size !== 1)
      throw new Error(`O7: offer '${id}' is not for one role`);
  }
  for (const agent of agents.registered.values()) {
    // A2, A3, A4: nothing is offered twice, nor what is in use.
    const claimed = usedOf(agent).plus(offeredOf(agent)).unallocate();
    if (!agent.total.unallocate().contains(claimed)) {
      const [has, wants] = [agent.total, claimed].map(String);
      throw new Error(`A4: agent '${agent.id}' has ${has}, and ${wants} is used and offered`);
    }
    // M4: an agent is in one place.
    const elsewhere = [agents.recovered, agents.unreachable, agents.gone, agents.removed];
    if (elsewhere.some((others) => others.has(agent.id)))
      throw new Error(`M4: agent '${agent.id}' is registered and somewhere else`);
  }
}
