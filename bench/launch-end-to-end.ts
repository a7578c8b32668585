import { ClusterBench } from './cluster/cluster-bed.ts';
import type { Result } from './result.ts';

export const name = 'launch/end-to-end';

const TASKS = 1_000;
const ONE_BY_ONE = 100;
const COMMAND = 'exit 0';
/** Offers soon again: what is measured begins when one is accepted. */
const MASTER_FLAG = '--allocation_interval=10ms';

/** Command tasks by master, agent and driver, each a process of its own, checkpoints included. */
export async function run(): Promise<Result[]> {
  await using bench = await ClusterBench.open(MASTER_FLAG);
  const { scheduler } = bench;
  const finished = { command: COMMAND, state: 'TASK_FINISHED' } as const;
  await scheduler.launch(await scheduler.offer(), { ids: ['first'], ...finished });

  const delays: number[] = [];
  const running = { command: COMMAND, state: 'TASK_RUNNING' } as const;
  for (let index = 0; index < ONE_BY_ONE; index += 1) {
    const offer = await scheduler.offer();
    const acceptedAt = performance.now();
    await scheduler.launch(offer, { ids: [`one-${index}`], ...running });
    delays.push(performance.now() - acceptedAt);
  }
  delays.sort((left, right) => left - right);

  const ids = Array.from({ length: TASKS }, (_, index) => `many-${index}`);
  const offer = await scheduler.offer();
  const acceptedAt = performance.now();
  await scheduler.launch(offer, { ids, ...finished });
  const seconds = (performance.now() - acceptedAt) / 1_000;

  const params = { command: COMMAND };
  const at = (share: number): number => delays[Math.floor(delays.length * share)] ?? NaN;
  return [
    {
      name,
      params: { ...params, tasks: TASKS, agents: 1 },
      metric: 'launched and finished',
      value: TASKS / seconds,
      unit: 'task/s',
    },
    { name, params, metric: 'accept to RUNNING, p50', value: at(0.5), unit: 'ms' },
    { name, params, metric: 'accept to RUNNING, p99', value: at(0.99), unit: 'ms' },
  ];
}
