import { testCluster } from '../testing/index.ts';
import type { Result } from './result.ts';

export const name = 'testing/cluster-start';

const STARTS = 30;
/** They load and compile what the others find there. */
const WARMUPS = 3;

/** How long a test waits for a cluster of its own: master and agents, registered. In real time. */
export async function run(): Promise<Result[]> {
  const results: Result[] = [];
  for (const agents of [1, 2, 10]) {
    const startsMs: number[] = [];
    for (let seed = 0; seed < WARMUPS + STARTS; seed += 1) {
      const startedMs = performance.now();
      const cluster = await testCluster({ agents, seed });
      const tookMs = performance.now() - startedMs;
      await cluster.close();
      if (agents === 1 && seed === 0) results.push(result(agents, 'first', tookMs));
      if (seed >= WARMUPS) startsMs.push(tookMs);
    }
    startsMs.sort((left, right) => left - right);
    results.push(result(agents, 'p50', startsMs[Math.floor(STARTS / 2)] ?? 0));
    results.push(result(agents, 'max', startsMs.at(-1) ?? 0));
  }
  return results;
}

const result = (agents: number, metric: string, valueMs: number): Result => ({
  name,
  params: { agents },
  metric,
  value: Number(valueMs.toFixed(1)),
  unit: 'ms',
});
