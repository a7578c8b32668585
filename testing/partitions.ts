import type { Simulation } from '../libprocess/sim/index.ts';

export interface Partition {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly oneWay: boolean;
}

/** The partitions of a network that can end one by one. */
export class Partitions {
  readonly #sim: Simulation;
  readonly #all = new Set<Partition>();

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  add(partition: Partition): void {
    this.#all.add(partition);
    this.#cut(partition);
  }

  /** Takes `ip` out of all partitions, or ends them all; what they held up moves on. */
  heal(ip?: string): void {
    const before = [...this.#all];
    this.#all.clear();
    for (const { from, to, oneWay } of ip === undefined ? [] : before) {
      const left = {
        from: from.filter((each) => each !== ip),
        to: to.filter((each) => each !== ip),
      };
      if (left.from.length > 0 && left.to.length > 0) this.#all.add({ ...left, oneWay });
    }
    const { network } = this.#sim;
    network.conditions.heal();
    for (const partition of this.#all) this.#cut(partition);
    network.retry();
  }

  #cut({ from, to, oneWay }: Partition): void {
    this.#sim.network.partition(from, to, { oneWay });
  }
}
