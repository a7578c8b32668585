import { ClusterBench } from './cluster/cluster-bed.ts';
import type { Result } from './result.ts';

export const name = 'agent/restart';

const TASKS = 500;
const RESTARTS = 5;

/** `kill -9` of an agent under running command tasks, and a new one at once, with default flags. */
export async function run(): Promise<Result[]> {
  await using bench = await ClusterBench.open();
  const { scheduler } = bench;
  const ids = Array.from({ length: TASKS }, (_, index) => `task-${index}`);
  const command = 'exec sleep 600';
  await scheduler.launch(await scheduler.offer(), { ids, command, state: 'TASK_RUNNING' });

  const recovered: number[] = [];
  const reregistered: number[] = [];
  for (let restart = 0; restart < RESTARTS; restart += 1) {
    const killedAtMs = Date.now();
    await bench.restartAgent();
    recovered.push((await bench.logged('Recovered', killedAtMs)) - killedAtMs);
    reregistered.push((await bench.logged('Reregistered', killedAtMs)) - killedAtMs);
  }
  const params = { tasks: TASKS, restarts: RESTARTS };
  return [
    { name, params, metric: 'kill to recovered, median', value: median(recovered), unit: 'ms' },
    // Registering waits for a random part of a second, so that agents do not come all at once.
    {
      name,
      params,
      metric: 'kill to reregistered, median',
      value: median(reregistered),
      unit: 'ms',
    },
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
