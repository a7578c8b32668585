import type { Millis } from '../../clock.ts';
import type { SimRandom } from '../sim-random.ts';

/** How long one way between two machines takes: uniform, or with a chance a long tail. */
export interface Latency {
  readonly minMs: Millis;
  readonly maxMs: Millis;
  /** Some deliveries take up to `maxMs` instead. */
  readonly tail?: { readonly probability: number; readonly maxMs: Millis };
}

/** Between machines of one rack or room. */
export const LAN: Latency = { minMs: 0.2, maxMs: 2 };
/** Between data centres. */
export const WAN: Latency = { minMs: 20, maxMs: 120 };
const LOOPBACK: Latency = { minMs: 0.02, maxMs: 0.1 };

interface Partition {
  readonly from: ReadonlySet<string>;
  readonly to: ReadonlySet<string>;
}

/** What lies between machines: latency and partitions, by IP address. */
export class LinkConditions {
  readonly #random: SimRandom;
  readonly #partitions = new Set<Partition>();
  readonly #latencies = new Map<string, Latency>();
  #latency: Latency;

  constructor(random: SimRandom, latency: Latency) {
    this.#random = random;
    this.#latency = latency;
  }

  /** For all links, or for both directions between two addresses. */
  setLatency(latency: Latency, between?: readonly [string, string]): void {
    if (!between) this.#latency = latency;
    else {
      this.#latencies.set(`${between[0]} ${between[1]}`, latency);
      this.#latencies.set(`${between[1]} ${between[0]}`, latency);
    }
  }

  /** Between two addresses it is again as on all links. */
  clearLatency([a, b]: readonly [string, string]): void {
    this.#latencies.delete(`${a} ${b}`);
    this.#latencies.delete(`${b} ${a}`);
  }

  delayMs(from: string, to: string): Millis {
    const latency =
      from === to ? LOOPBACK : (this.#latencies.get(`${from} ${to}`) ?? this.#latency);
    const { tail } = latency;
    const slow = tail !== undefined && this.#random.chance(tail.probability);
    return this.#random.within(latency.minMs, slow ? tail.maxMs : latency.maxMs);
  }

  /** Nothing passes in this direction until `heal`. */
  block(from: ReadonlySet<string>, to: ReadonlySet<string>): void {
    this.#partitions.add({ from, to });
  }

  heal(): void {
    this.#partitions.clear();
  }

  blocked(from: string, to: string): boolean {
    if (from === to) return false;
    for (const partition of this.#partitions) {
      if (partition.from.has(from) && partition.to.has(to)) return true;
    }
    return false;
  }
}
