import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import { masterOn } from '../../testing/cluster-state.ts';
import type { Cluster } from '../../testing/cluster.ts';
import type { ServiceMember } from './service-member.ts';

const STAYS_MS_MAX = 60_000;

/**
 * The scheduler of a framework leaves. It may be back once, in time or too late; then nobody starts it any
 * more, and its framework ends with its failover timeout.
 */
export class Departure {
  readonly #cluster: Cluster;
  readonly #guest: ServiceMember;
  #isFinal = false;

  constructor(cluster: Cluster, guest: ServiceMember, random: SimRandom) {
    this.#cluster = cluster;
    this.#guest = guest;
    const { sim } = cluster;
    guest.leave();
    this.#isFinal = random.chance(0.5);
    if (this.#isFinal) return;
    const awayMs = random.between(1, 2_000 * guest.plan.failoverSeconds);
    const staysMs = random.between(1, STAYS_MS_MAX);
    sim.at(awayMs, () => void guest.start());
    sim.at(awayMs + staysMs, () => {
      this.#isFinal = true;
      guest.leave();
    });
  }

  /** M9: in the end nobody knows the framework any more: a new master hears of it from agents. */
  get isOver(): boolean {
    const { masterNode, agents } = this.#cluster;
    const state = masterOn(masterNode)?.state;
    if (!this.#isFinal || !state || state.agents.registered.size < agents.length) return false;
    const { frameworkId } = this.#guest.record;
    return ![...state.frameworks.registered.keys()].some((id) => id === frameworkId);
  }
}
