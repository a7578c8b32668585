import type { ProcessManager } from '../../libprocess/process-manager.ts';

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

  see(node: ProcessManager, values: Values): void {
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
