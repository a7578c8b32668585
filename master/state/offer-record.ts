import type { AgentId, FrameworkId, OfferId } from '../../common/ids.ts';
import type { Resources } from '../../common/resources.ts';
import type { Offer } from '../../proto/index.ts';

/** An outstanding offer. */
export interface OfferRecord {
  readonly id: OfferId;
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  /** The role that it was allocated to. */
  readonly role: string;
  /** With their allocation role, whatever format the framework was sent. */
  readonly resources: Resources;
  /** As it was sent. */
  readonly offer: Offer;
  /** Ends the offer, with `--offer_timeout`. */
  timer: Disposable | undefined;
}
