import {
  formatAgentId,
  formatFrameworkId,
  formatOfferId,
  type AgentId,
  type FrameworkId,
  type OfferId,
} from '../../common/ids.ts';
import type { UPID } from '../../libprocess/upid.ts';
import type {
  MasterInfo,
  RegisterSlaveMessage,
  ReregisterSlaveMessage,
  SlaveInfo,
  TimeInfo,
} from '../../proto/index.ts';
import type { Agent } from './agent.ts';
import { BoundedMap } from '../../libprocess/collections/bounded-map.ts';
import type { Framework } from './framework.ts';
import type { OfferRecord } from './offer-record.ts';
import { Underway } from './underway.ts';

/** Ids of removed agents that are remembered, to tell their late messages from strangers'. */
export const REMOVED_AGENTS_MAX = 100_000;

/** The agents in each of their states; an id is in one of the first four maps at most. */
export class Agents {
  readonly registered = new Map<AgentId, Agent>();
  /** In the registry at our election, not heard of since. */
  readonly recovered = new Map<AgentId, SlaveInfo>();
  /** Since when. Mirrors the registry. */
  readonly unreachable = new Map<AgentId, TimeInfo>();
  readonly gone = new Map<AgentId, TimeInfo>();
  readonly removed = new BoundedMap<AgentId, true>(REMOVED_AGENTS_MAX);

  // Registry operations under way; what comes of these agents meanwhile is ignored, they retry.
  readonly registering = new Underway<string, RegisterSlaveMessage>();
  readonly reregistering = new Underway<AgentId, ReregisterSlaveMessage>();
  readonly markingUnreachable = new Set<AgentId>();
  readonly removing = new Set<AgentId>();

  readonly #byPid = new Map<string, Agent>();

  add(agent: Agent): void {
    this.registered.set(agent.id, agent);
    this.#byPid.set(agent.pid.toString(), agent);
  }

  /** To be called around a change of its pid, too. */
  delete(agent: Agent): void {
    this.registered.delete(agent.id);
    const pid = agent.pid.toString();
    if (this.#byPid.get(pid) === agent) this.#byPid.delete(pid);
  }

  byPid(pid: UPID): Agent | undefined {
    return this.#byPid.get(pid.toString());
  }

  /** Whether any agent is between two states. */
  get anyInTransition(): boolean {
    return (
      this.recovered.size > 0 ||
      this.reregistering.size > 0 ||
      this.markingUnreachable.size > 0 ||
      this.removing.size > 0
    );
  }

  /** Whether the id is somewhere between two states: answers about its tasks must wait. */
  inTransition(id: AgentId): boolean {
    return (
      this.recovered.has(id) ||
      this.reregistering.has(id) ||
      this.markingUnreachable.has(id) ||
      this.removing.has(id)
    );
  }
}

const REPLACED_SCHEDULERS_MAX = 1_000;

/** The frameworks that live and those that are over. */
export class Frameworks {
  readonly registered = new Map<FrameworkId, Framework>();
  readonly completed: BoundedMap<FrameworkId, Framework>;
  /** Schedulers that have been told that another one has taken this framework over, until their connections end. */
  readonly replaced = new BoundedMap<string, FrameworkId>(REPLACED_SCHEDULERS_MAX);

  constructor(completedMax: number) {
    this.completed = new BoundedMap(completedMax);
  }

  byPid(pid: UPID): Framework | undefined {
    for (const framework of this.registered.values()) {
      if (framework.pid?.equals(pid)) return framework;
    }
    return undefined;
  }

  /** Several may say that they live at one address, by ids of their own choice. */
  allByPid(pid: UPID): readonly Framework[] {
    return [...this.registered.values()].filter((framework) => framework.pid?.equals(pid));
  }
}

/** All that the master knows: plain data, changed by the capabilities in the master's turns. */
export class MasterState {
  readonly info: MasterInfo;
  readonly agents = new Agents();
  readonly frameworks: Frameworks;
  readonly offers = new Map<OfferId, OfferRecord>();
  #frameworks = 0;
  #agents = 0;
  #offers = 0;

  constructor(info: MasterInfo, limits: { readonly completedFrameworksMax: number }) {
    this.info = info;
    this.frameworks = new Frameworks(limits.completedFrameworksMax);
  }

  newFrameworkId(): FrameworkId {
    return formatFrameworkId(this.info.id, this.#frameworks++);
  }
  newAgentId(): AgentId {
    return formatAgentId(this.info.id, this.#agents++);
  }
  newOfferId(): OfferId {
    return formatOfferId(this.info.id, this.#offers++);
  }
}
