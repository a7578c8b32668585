import { clientNetwork } from '../ip.ts';

/** Sums of what connections hold, by the party they come from. */
export class IpTally {
  readonly #sums = new Map<string, number>();

  /** Adds to the sum of those with `ip`, or takes from it, and returns it. */
  add(ip: string, amount: number): number {
    const network = clientNetwork(ip);
    const sum = (this.#sums.get(network) ?? 0) + amount;
    if (sum === 0) this.#sums.delete(network);
    else this.#sums.set(network, sum);
    return sum;
  }
}
