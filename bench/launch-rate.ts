import { LauncherBench } from './launcher-bed.ts';
import type { Result } from './result.ts';

export const name = 'launch/rate';

const TASKS = 1_000;
const IN_FLIGHT = 16;
const ONE_BY_ONE = 100;

/** Command tasks that end at once, by the launcher alone: how many a second, and how soon each. */
export async function run(): Promise<Result[]> {
  await using bench = await LauncherBench.open();
  await runOne(bench, 'first'); // Starts the launcher subprocess.
  const delays: number[] = [];
  for (let index = 0; index < ONE_BY_ONE; index += 1) {
    const begunAt = performance.now();
    const started = bench.launcher.launch(bench.run(`one-${index}`, 'exit 0'));
    const ended = bench.ended(`one-${index}`);
    await started;
    delays.push(performance.now() - begunAt);
    await ended;
  }
  delays.sort((a, b) => a - b);

  const begunAt = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < TASKS) await runOne(bench, `many-${(next += 1)}`);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const seconds = (performance.now() - begunAt) / 1_000;

  const params = { command: 'exit 0' };
  const at = (share: number): number => delays[Math.floor(delays.length * share)] ?? NaN;
  return [
    {
      name,
      params: { ...params, tasks: TASKS, inFlight: IN_FLIGHT },
      metric: 'launched and ended',
      value: TASKS / seconds,
      unit: 'task/s',
    },
    { name, params, metric: 'launch to started, p50', value: at(0.5), unit: 'ms' },
    { name, params, metric: 'launch to started, p99', value: at(0.99), unit: 'ms' },
  ];
}

async function runOne(bench: LauncherBench, containerId: string): Promise<void> {
  const ended = bench.ended(containerId);
  await bench.launcher.launch(bench.run(containerId, 'exit 0'));
  await ended;
}
