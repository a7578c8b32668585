import type { ProcessManager } from '../../libprocess/process-manager.ts';
import type { Simulation } from '../../libprocess/sim/simulation.ts';
import type { Cluster } from '../../testing/cluster.ts';

/** Names of what is only ever counted up. */
const COUNTERS =
  /\/(messages_|valid_|invalid_|dropped_messages|slave_(re)?registrations|slave_removals|slave_unreachable_|tasks_(finished|failed|killed|lost|error|dropped|gone)$)/;

type Values = Readonly<Record<string, number>>;

export class MetricsError extends Error {
  readonly code = 'METRICS_VIOLATED';
}

/** M13: within one life of a node counters never go back, and nothing is ever less than nothing. */
export class MetricsChecks {
  readonly #before = new WeakMap<ProcessManager, Values>();

  /** At all nodes that answer; takes no time. */
  async look({ sim, agents, masterProcess, masterNode }: Cluster): Promise<void> {
    const members = [...agents, { process: masterProcess, node: masterNode }];
    for (const { process, node } of members)
      if (process.alive && !process.incarnation.stopped) await this.of(sim, node);
  }

  /** Of one node that answers. */
  async of(sim: Simulation, node: ProcessManager): Promise<Values> {
    const values = Object.fromEntries(await sim.complete(node.metrics.snapshot()));
    this.#see(node, values);
    return values;
  }

  #see(node: ProcessManager, values: Values): void {
    const before = this.#before.get(node) ?? {};
    this.#before.set(node, values);
    for (const [name, value] of Object.entries(values)) {
      if (value < 0) throw new MetricsError(`M13: '${name}' is ${String(value)}`);
      const least = COUNTERS.test(name) ? (before[name] ?? 0) : 0;
      if (value < least)
        throw new MetricsError(`M13: '${name}' was ${String(least)} and is ${String(value)}`);
    }
  }
}
