import { isDeepStrictEqual } from 'node:util';
import type { AgentId } from '../../common/ids.ts';
import type { UPID } from '../../libprocess/upid.ts';
import type { SlaveInfo } from '../../proto/index.ts';
import type { Agents } from '../state/master-state.ts';

export interface Reregistration {
  readonly from: UPID;
  readonly id: AgentId;
  readonly info: SlaveInfo;
}

export type ReregistrationDecision =
  /** It will try again. */
  | { readonly kind: 'ignore'; readonly because: string }
  | { readonly kind: 'shutDown'; readonly message: string }
  /** Registered with us, connected or not. */
  | { readonly kind: 'known'; readonly changed: boolean }
  /** In the registry at our election. */
  | { readonly kind: 'recovered'; readonly changed: boolean }
  /** Unreachable, or so long ago that the registry has forgotten it. */
  | { readonly kind: 'unreachable' };

/** What becomes of an agent that comes back (master.cpp, `reregisterSlave`). */
export function decideReregistration(
  { from, id, info }: Reregistration,
  agents: Agents,
): ReregistrationDecision {
  if (agents.gone.has(id)) return { kind: 'shutDown', message: 'Agent has been marked gone' };
  if (agents.reregistering.has(id)) return { kind: 'ignore', because: 'it is being done' };
  if (agents.removing.has(id)) return { kind: 'ignore', because: 'the agent is being removed' };
  if (agents.markingUnreachable.has(id)) {
    return { kind: 'ignore', because: 'the agent is being marked unreachable' };
  }
  const agent = agents.registered.get(id);
  if (agent) {
    if (agent.pid.ip !== from.ip || agent.info.hostname !== info.hostname) {
      const message = 'Agent attempted to reregister with a different IP address or hostname';
      return { kind: 'shutDown', message };
    }
    return { kind: 'known', changed: !isDeepStrictEqual(agent.info, info) };
  }
  const recovered = agents.recovered.get(id);
  if (recovered) return { kind: 'recovered', changed: !isDeepStrictEqual(recovered, info) };
  return { kind: 'unreachable' };
}
