import { Counter } from '../../libprocess/index.ts';
import { openNode } from '../remote-actors.ts';
import type { Result } from '../result.ts';
import { besideCpp, rounded } from './cpp.ts';

export const name = 'libprocess/MetricsScalability';

/** How many counters, and what C++ needs for them in milliseconds, where that is known. */
const SETS: readonly { readonly counters: number; readonly cpp?: Figures }[] = [
  { counters: 1 },
  { counters: 100 },
  { counters: 1_000, cpp: { add: 380, snapshot: 1.8, http_get: 13, remove: 130 } },
  { counters: 10_000, cpp: { add: 2_100, snapshot: 18, http_get: 32, remove: 2_000 } },
  { counters: 100_000, cpp: { add: 15_000, snapshot: 202, http_get: 384, remove: 2_600 } },
];
type Figures = Readonly<Record<'add' | 'snapshot' | 'http_get' | 'remove', number>>;
const KEY_CHARACTERS = 120;

/** Counters with long names: added one by one, read within the node and over HTTP, removed. */
export async function run(): Promise<Result[]> {
  const results: Result[] = [];
  for (const { counters, cpp } of SETS) {
    const times = await measure(counters);
    for (const metric of ['add', 'snapshot', 'http_get', 'remove'] as const) {
      const params = { counters, key_characters: KEY_CHARACTERS };
      const ours: Result = { name, params, metric, value: rounded(times[metric]), unit: 'ms' };
      results.push(...(cpp ? besideCpp(ours, cpp[metric]) : [ours]));
    }
  }
  return results;
}

async function measure(count: number): Promise<Figures> {
  // One for each set: a node answers two of such requests in a second.
  await using node = await openNode();
  const { metrics } = node;
  const counters = Array.from(
    { length: count },
    (_, i) => new Counter(`metrics/scalability/${i}/`.padEnd(KEY_CHARACTERS, 'x')),
  );
  const add = await elapsedMs(() => {
    for (const counter of counters) metrics.add(counter);
  });
  const snapshot = await elapsedMs(() => metrics.snapshot());
  const http_get = await elapsedMs(async () => {
    const response = await fetch(`http://${node.address}/metrics/snapshot`);
    await response.text();
  });
  const remove = await elapsedMs(() => {
    for (const counter of counters) metrics.remove(counter);
  });
  return { add, snapshot, http_get, remove };
}

async function elapsedMs(work: () => unknown): Promise<number> {
  const since = performance.now();
  await work();
  return performance.now() - since;
}
