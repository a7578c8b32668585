import { offerId, type OfferId } from '../../common/ids.ts';
import type { MasterState } from '../state/master-state.ts';
import type { Framework } from '../state/framework.ts';
import type { OfferRecord } from '../state/offer-record.ts';

/** Most offers that one call may name. */
export const OFFERS_IN_CALL_MAX = 100_000;

export type OffersDecision =
  { readonly offers: readonly OfferRecord[] } | { readonly problem: string };

/**
 * The offers that an ACCEPT names, or why they cannot be used together: each must be outstanding,
 * the framework's own and named once, all of one agent and one role.
 */
export function decideOffers(
  ids: readonly { readonly value: string }[],
  framework: Framework,
  state: MasterState,
): OffersDecision {
  if (ids.length === 0) return { problem: 'No offers specified' };
  if (ids.length > OFFERS_IN_CALL_MAX) return { problem: `More than ${OFFERS_IN_CALL_MAX} offers` };
  const offers = new Map<OfferId, OfferRecord>();
  for (const { value } of ids) {
    const id = offerId(value);
    if (offers.has(id)) return { problem: `Duplicate offer ${value} in offer list` };
    const offer = state.offers.get(id);
    if (!offer) return { problem: `Offer ${value} is no longer valid` };
    offers.set(id, offer);
  }
  return togetherProblem([...offers.values()], framework, state);
}

function togetherProblem(
  offers: readonly OfferRecord[],
  framework: Framework,
  state: MasterState,
): OffersDecision {
  const [first] = offers;
  for (const offer of offers) {
    if (offer.frameworkId !== framework.id) {
      const text = `Offer ${offer.id} has invalid framework ${offer.frameworkId}`;
      return { problem: `${text} while framework ${framework.id} is expected` };
    }
    if (!state.agents.registered.has(offer.agentId)) {
      return { problem: `Offer ${offer.id} outlived agent ${offer.agentId}` };
    }
    if (offer.role !== first?.role) {
      return { problem: 'Aggregated offers must be allocated to the same role' };
    }
    if (offer.agentId !== first.agentId) {
      return { problem: 'Aggregated offers must belong to one single agent' };
    }
  }
  return { offers };
}
