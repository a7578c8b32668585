import { readFileSync } from 'node:fs';
import { LauncherBench } from './launcher-bed.ts';
import type { Result } from './result.ts';

export const name = 'memory/command-task';

const TASKS = 100;

/** Resident memory of a running command task: wrapper and command; and of the launcher they share. */
export async function run(): Promise<Result[]> {
  await using bench = await LauncherBench.open();
  const ids = Array.from({ length: TASKS }, (_, index) => `task-${index}`);
  await Promise.all(
    ids.map(async (id) => {
      await bench.launcher.launch(bench.run(id, 'exec sleep 600'));
    }),
  );
  // A start is told before the command is executed.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const usages = await Promise.all(ids.map(async (id) => bench.launcher.usage(id)));
  const bytes = usages.reduce((sum, usage) => sum + (usage?.residentBytes ?? 0), 0);
  const ended = ids.map((id) => bench.ended(id));
  for (const id of ids) bench.launcher.destroy(id);
  await Promise.all(ended);

  const params = { tasks: TASKS, command: 'sleep' };
  const megabytes = (value: number): number => value / 1024 / 1024;
  return [
    { name, params, metric: 'RSS per task', value: megabytes(bytes / TASKS), unit: 'MB' },
    {
      name,
      params,
      metric: 'RSS of the launcher',
      value: megabytes(launcherBytes(bench)),
      unit: 'MB',
    },
  ];
}

function launcherBytes({ launcher }: LauncherBench): number {
  const { pid } = launcher.link;
  if (pid === undefined) return NaN;
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}
