import { UPID } from '../libprocess/index.ts';
import type { Offer } from '../proto/index.ts';

/**
 * Where the agents listen, as offers tell: framework messages go to them directly, without the
 * master. Kept of agents that tasks were launched on and of those behind outstanding offers.
 */
export class AgentPids {
  readonly #offered = new Map<string, { readonly agentId: string; readonly pid: UPID }>();
  readonly #used = new Map<string, UPID>();

  /** `pids[i]` belongs to `offers[i]`; what does not parse is not kept. */
  offered(offers: readonly Offer[], pids: readonly string[]): void {
    offers.forEach((offer, index) => {
      const pid = UPID.parse(pids[index] ?? '');
      if (pid) this.#offered.set(offer.id.value, { agentId: offer.slave_id.value, pid });
    });
  }

  /** The offer has been used: its agent is kept if something was launched there. */
  answered(offerId: string, launched: boolean): void {
    const offer = this.#offered.get(offerId);
    this.#offered.delete(offerId);
    if (offer && launched) this.#used.set(offer.agentId, offer.pid);
  }

  rescinded(offerId: string): void {
    this.#offered.delete(offerId);
  }

  lost(agentId: string): void {
    this.#used.delete(agentId);
  }

  /** Offers of a former master mean nothing. */
  disconnected(): void {
    this.#offered.clear();
  }

  of(agentId: string): UPID | undefined {
    return this.#used.get(agentId);
  }
}
