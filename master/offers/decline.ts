import { offerId } from '../../common/ids.ts';
import type { scheduler } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import type { Framework } from '../state/framework.ts';
import { recoverOffer } from './offer-lifecycle.ts';

/** Gives offers back, with a filter. Those that are over, or another's, are ignored. */
export function declineOffers(
  ctx: MasterContext,
  framework: Framework,
  decline: scheduler.CallDecline,
): void {
  ctx.metrics.increment('master/messages_decline_offers');
  for (const { value } of decline.offer_ids ?? []) {
    const offer = ctx.state.offers.get(offerId(value));
    if (offer?.frameworkId !== framework.id) continue;
    ctx.metrics.offersEnded(framework, 'declined');
    recoverOffer(ctx, offer, { rescind: false, filters: decline.filters ?? {} });
  }
}
