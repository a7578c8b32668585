import type { Millis } from '../libprocess/clock.ts';
import type { UPID } from '../libprocess/upid.ts';
import type { Simulation } from '../libprocess/sim/index.ts';
import type { Mail } from './mail.ts';

interface Delivery {
  readonly atMs: Millis;
  readonly from: UPID;
  readonly to: UPID;
  readonly name: string;
  readonly lost: boolean;
}

/** What came to the nodes of a cluster last, for whoever wonders why a test waits in vain. */
export class History {
  readonly #sim: Simulation;
  readonly #namesByIp = new Map<string, string>();
  readonly #countsByPair = new Map<string, number>();
  #last: Delivery[] = [];

  constructor(sim: Simulation, mail: Mail) {
    this.#sim = sim;
    mail.listen((message, verdict) => {
      const { from, to } = message;
      const pair = `${from.address} ${to.address}`;
      this.#countsByPair.set(pair, (this.#countsByPair.get(pair) ?? 0) + 1);
      const name = message.name.slice(message.name.lastIndexOf('.') + 1);
      if (PINGS.has(name)) return;
      this.#last.push({ atMs: this.#sim.nowMs, from, to, name, lost: verdict === 'drop' });
      if (this.#last.length >= 2 * SHOWN_MAX) this.#last = this.#last.slice(-SHOWN_MAX);
    });
  }

  name(ip: string, name: string): void {
    this.#namesByIp.set(ip, name);
  }

  /** How many messages from one address came to another. */
  count(from: string, to: string): number {
    return this.#countsByPair.get(`${from} ${to}`) ?? 0;
  }

  /** The last messages and warnings, oldest first, a line each. */
  lines(): readonly string[] {
    const { logs } = this.#sim;
    const warnings = logs.filter(({ level }) => level === 'warn' || level === 'error');
    return [
      'The last messages, pings aside:',
      ...this.#last.slice(-SHOWN_MAX).map((delivery) => `  ${this.#print(delivery)}`),
      ...(warnings.length > 0 ? ['The last warnings:'] : []),
      ...warnings
        .slice(-WARNINGS_SHOWN_MAX)
        .map(({ component, message }) => `  ${component}: ${message}`),
    ];
  }

  #print({ atMs, from, to, name, lost }: Delivery): string {
    const way = `${this.#nameOf(from)} → ${this.#nameOf(to)}`;
    return `${seconds(atMs)}  ${way}: ${name}${lost ? ' (lost)' : ''}`;
  }

  #nameOf({ ip }: UPID): string {
    return this.#namesByIp.get(ip) ?? ip;
  }
}

export const seconds = (ms: Millis): string => `${(ms / MS_PER_SECOND).toFixed(3)} s`;

const PINGS = new Set(['PingSlaveMessage', 'PongSlaveMessage']);
const SHOWN_MAX = 15;
const WARNINGS_SHOWN_MAX = 5;
const MS_PER_SECOND = 1_000;
