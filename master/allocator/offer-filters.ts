import type { Millis } from '../../libprocess/clock.ts';
import type { AgentId } from '../../common/ids.ts';
import type { Resources } from '../../common/resources.ts';
import type { Filters } from '../../proto/index.ts';

/** `Filters.refuse_seconds` unless the framework says otherwise, or says nonsense. */
export const REFUSE_SECONDS_DEFAULT = 5;
export const REFUSE_SECONDS_MAX = 365 * 24 * 60 * 60;

const MS_PER_SECOND = 1_000;

/** How long `filters` ask for; undefined: no filter at all. */
export function refusalMs(filters: Filters | undefined): Millis | undefined {
  if (!filters) return undefined;
  const { refuse_seconds: seconds = REFUSE_SECONDS_DEFAULT } = filters;
  if (seconds === 0) return undefined;
  const valid = seconds > 0 ? seconds : REFUSE_SECONDS_DEFAULT; // NaN is not greater either.
  return Math.min(valid, REFUSE_SECONDS_MAX) * MS_PER_SECOND;
}

interface Filter {
  /** Without allocation. */
  readonly refused: Resources;
  readonly expiresMs: Millis;
  /** The batch during which it was set: it holds for the next one even if that is late. */
  readonly batch: number;
}

/** When a filter is looked at, or set. */
export interface FilterTime {
  readonly nowMs: Millis;
  /** Batches run so far. */
  readonly batch: number;
}

/**
 * What one framework in one role does not want to be offered, by agent. An offer is filtered if one
 * filter refused all of it: what has grown since is offered again. Expiry needs no timer: it is
 * looked at when an offer is considered.
 */
export class OfferFilters {
  readonly #filters = new Map<AgentId, Filter[]>();

  /** Those that the new one implies, and those expired, are forgotten: the list stays short. */
  add(agentId: AgentId, filter: Omit<Filter, 'batch'>, now: FilterTime): void {
    const before = this.#filters.get(agentId);
    const added = { ...filter, batch: now.batch };
    if (!before) {
      this.#filters.set(agentId, [added]);
      return;
    }
    const implied = (other: Filter): boolean =>
      other.expiresMs <= filter.expiresMs && filter.refused.contains(other.refused);
    const kept = before.filter((other) => holds(other, now) && !implied(other));
    this.#filters.set(agentId, [...kept, added]);
  }

  /** Until when `offer` is filtered; undefined if it is not. */
  filteredUntilMs(agentId: AgentId, offer: Resources, now: FilterTime): Millis | undefined {
    const filters = this.#filters.get(agentId);
    if (!filters) return undefined;
    const live = filters.every((filter) => holds(filter, now))
      ? filters
      : this.#forgetExpired(agentId, filters, now);
    return live.find(({ refused }) => refused.contains(offer))?.expiresMs;
  }

  #forgetExpired(agentId: AgentId, filters: readonly Filter[], now: FilterTime): readonly Filter[] {
    const live = filters.filter((filter) => holds(filter, now));
    if (live.length === 0) this.#filters.delete(agentId);
    else this.#filters.set(agentId, live);
    return live;
  }

  removeAgent(agentId: AgentId): void {
    this.#filters.delete(agentId);
  }

  clear(): void {
    this.#filters.clear();
  }
}

const holds = (filter: Filter, { nowMs, batch }: FilterTime): boolean =>
  nowMs <= filter.expiresMs || batch === filter.batch;
