import type { Millis } from '../../libprocess/clock.ts';
import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import type { Filters, Offer, TaskInfo } from '../../proto/index.ts';
import type { Manner } from './service-plan.ts';

/**
 * What is to come of it: an instance that is wanted; nothing, since the offer is over or another's; or
 * nothing, unless what was said of the offer before was lost on its way; nothing of a group, which
 * no agent of ours runs.
 */
export type OfferUse = 'wanted' | 'void' | 'doubtful' | 'grouped';

/** What the desk may ask of its scheduler. */
export interface OfferCalls {
  readonly manners: ReadonlySet<Manner>;
  readonly random: SimRandom;
  /** Whether no instance is wanted any more. */
  readonly resting: () => boolean;
  /** Whether instances are to be up soon: an offer that is held for long may be over when it is answered. */
  readonly calm: () => boolean;
  /** How many instances are missing. */
  readonly missing: () => number;
  /** Makes a task of an offer. */
  readonly task: (offer: Offer, use: OfferUse) => TaskInfo;
  /** Offers that others were made. */
  readonly foreign: () => Offer | undefined;
  readonly after: (delayMs: Millis, thunk: () => void) => void;
  readonly launch: (
    offerIds: readonly string[],
    tasks: readonly TaskInfo[],
    filters?: Filters,
  ) => void;
  readonly launchGroup: (offerId: string, tasks: readonly TaskInfo[]) => void;
  readonly decline: (offerId: string, filters?: Filters) => void;
  readonly revive: () => void;
  readonly suppress: () => void;
}

/** Of all frameworks when there is nothing to launch: checks of quiet times count on it. */
export const REFUSE_SECONDS_AT_REST = 30;
const HOLDS_MS_MIN = 5_000;
const HOLDS_MS_MAX = 90_000;
/** Every five seconds one. */
const REVIVALS_AT_REST = 18;
const VOID_CHANCE = 0.15;
const GROUP_CHANCE = 0.2;
const CPUS = 0.5;
/** A week, less than a batch, none, and values that are not what they should be. */
const ODD_REFUSALS = [604_800, 3_600, 0.1, 0, -1, 1e12];

/** Answers offers: at once or late, well or badly. */
export class OfferDesk {
  readonly #calls: OfferCalls;
  readonly #rescinded = new Set<string>();
  #lastOver: Offer | undefined;
  #lastOther: Offer | undefined;
  #suppressed = false;
  #looksAtRest = 0;

  constructor(calls: OfferCalls) {
    this.#calls = calls;
  }

  offered(offers: readonly Offer[]): void {
    const { manners, random, after, resting, calm } = this.#calls;
    for (const offer of offers) {
      const holds = manners.has('hoards-offers') && !resting() && !calm();
      if (!holds) this.#answer(offer);
      else after(random.between(HOLDS_MS_MIN, HOLDS_MS_MAX), () => this.#answer(offer));
    }
  }

  rescinded(offerId: string): void {
    this.#rescinded.add(offerId);
  }

  /** Instances are missing, or enough. */
  look(): void {
    const { manners, missing, revive, suppress, resting } = this.#calls;
    if (resting()) {
      // Nobody tells whether a call has arrived; but revived for ever, no refusal would hold.
      this.#looksAtRest += 1;
      if (this.#looksAtRest <= REVIVALS_AT_REST) revive();
      return;
    }
    const wants = missing() > 0;
    if (manners.has('suppresses') && !wants && !this.#suppressed) {
      this.#suppressed = true;
      suppress();
    } else if (wants && (this.#suppressed || manners.has('declines-for-long'))) {
      this.#suppressed = false;
      revive();
    }
  }

  #answer(offer: Offer): void {
    const { manners, random, resting, missing } = this.#calls;
    const id = offer.id.value;
    const isOver = this.#rescinded.has(id);
    const accepts = missing() > 0 && !resting() && !isOver;
    const groups = manners.has('launches-groups') && !isOver && !resting();
    if (groups && random.chance(GROUP_CHANCE)) this.#launchGroup(offer);
    else if (accepts) this.#accept(offer);
    else if (isOver && manners.has('accepts-void-offers')) this.#acceptAnyway([offer], 'void');
    else this.#decline(id);
    if (manners.has('accepts-void-offers') && !resting() && random.chance(VOID_CHANCE)) {
      this.#misuse(offer);
    }
    this.#lastOther = this.#lastOver;
    this.#lastOver = offer;
  }

  #accept(offer: Offer): void {
    const { missing, task, launch } = this.#calls;
    let cpus = offer.resources?.find(({ name }) => name === 'cpus')?.scalar?.value ?? 0;
    const tasks: TaskInfo[] = [];
    // Its executor needs a little as well.
    while (cpus >= 2 * CPUS && missing() > 0 && tasks.length < 2) {
      tasks.push(task(offer, 'wanted'));
      cpus -= CPUS;
    }
    if (tasks.length > 0) launch([offer.id.value], tasks, { refuse_seconds: 1 });
    else this.#decline(offer.id.value);
  }

  #launchGroup(offer: Offer): void {
    const { task, launchGroup } = this.#calls;
    launchGroup(offer.id.value, [task(offer, 'grouped'), task(offer, 'grouped')]);
  }

  #decline(id: string): void {
    const { manners, random, decline, resting } = this.#calls;
    const odd = manners.has('declines-for-long') ? random.pick(ODD_REFUSALS) : undefined;
    if (resting()) decline(id, { refuse_seconds: REFUSE_SECONDS_AT_REST });
    else decline(id, { refuse_seconds: odd ?? random.between(1, 10) });
  }

  /** The offer has just been answered: it is over, and so is whatever is asked of it now. */
  #misuse(offer: Offer): void {
    const { random, foreign, decline } = this.#calls;
    const other = this.#lastOther;
    const stranger = foreign();
    const misuses: (() => void)[] = [
      () => this.#acceptAnyway([offer], 'doubtful'),
      () => this.#acceptAnyway([offer, offer], 'void'),
      () => decline(offer.id.value),
    ];
    if (other) misuses.push(() => this.#acceptAnyway([other, offer], 'doubtful'));
    if (stranger) {
      misuses.push(
        () => this.#acceptAnyway([stranger], 'void'),
        () => decline(stranger.id.value),
      );
    }
    random.pick(misuses)?.();
  }

  #acceptAnyway(offers: readonly Offer[], use: OfferUse): void {
    const { task, launch } = this.#calls;
    const [first] = offers;
    const ids = offers.map(({ id }) => id.value);
    if (first) launch(ids, [task(first, use)]);
  }
}
