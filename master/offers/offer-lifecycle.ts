import { RescindResourceOfferMessage, type Filters } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import type { OfferRecord } from '../state/offer-record.ts';

/**
 * Takes an offer back: its resources go to the allocator. `rescind` tells the scheduler, which a
 * scheduler that has just declined it, or is gone, does not need. Nothing if the offer is over.
 */
export function recoverOffer(
  ctx: MasterContext,
  offer: OfferRecord,
  options: { readonly rescind: boolean; readonly filters?: Filters | undefined },
): void {
  if (!removeOffer(ctx, offer)) return;
  ctx.allocator.recoverResources({
    frameworkId: offer.frameworkId,
    agentId: offer.agentId,
    resources: offer.resources,
    filters: options.filters,
  });
  if (options.rescind) rescindOffer(ctx, offer);
}

/** Forgets an offer whose resources are being used; false if it was over already. */
export function removeOffer(ctx: MasterContext, offer: OfferRecord): boolean {
  const { agents, frameworks, offers } = ctx.state;
  if (!offers.delete(offer.id)) return false;
  offer.timer?.[Symbol.dispose]();
  agents.registered.get(offer.agentId)?.offers.delete(offer);
  frameworks.registered.get(offer.frameworkId)?.offers.delete(offer);
  return true;
}

function rescindOffer(ctx: MasterContext, offer: OfferRecord): void {
  const framework = ctx.state.frameworks.registered.get(offer.frameworkId);
  if (!framework?.connected || !framework.pid) return;
  ctx.metrics.sent(framework, 'rescind');
  ctx.send(framework.pid, RescindResourceOfferMessage, { offer_id: { value: offer.id } });
}
