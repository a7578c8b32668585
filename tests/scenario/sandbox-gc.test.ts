import { expect, test } from '@jest/globals';
import { Cluster } from '../../testing/cluster.ts';
import { nextOffer, reach, runningTask } from '../support/stories.ts';

const inExecutor = (does: string) => ({
  executor: 'custom',
  data: new TextEncoder().encode(does),
});

test('an executor waits for the removal of the directories that it will live in', async () => {
  const cluster = await Cluster.start();
  const { agent, scheduler } = await runningTask(cluster, {
    task: inExecutor('exit'),
    agent: { gcDelayMs: 1_000, diskWatchIntervalMs: 1_000 },
    until: 'TASK_FAILED',
  });
  const offer = await nextOffer(cluster, scheduler);
  const { disk } = agent.machine;
  let removing = false;
  disk.onOperation = ({ kind, path }) => {
    // Of the sandboxes of this executor, whatever runs it has had.
    if (kind !== 'status' || !/^\/var\/lib\/mesos\/slaves\/.*\/executors\/custom$/.test(path))
      return;
    removing = true;
    disk.latency = { minMs: 100, maxMs: 120 }; // Long enough for a launch to come in between.
  };
  await cluster.sim.until(() => removing, 60_000);
  scheduler.launch(offer, 'another', inExecutor('finish:1'));
  await reach(cluster, scheduler, { another: 'TASK_FINISHED' });
  const files = cluster.sim.complete(agent.process.runtime.disk.readDirectory(sandboxes(agent)));
  expect((await files).length).toBeGreaterThan(0);
});

/** Where the executor's runs are. */
function sandboxes({ machine }: Awaited<ReturnType<Cluster['agent']>>): string {
  const { fileSystem } = machine.disk;
  const only = (path: string): string => {
    const name = fileSystem.readDirectory(path).find(({ kind }) => kind === 'directory')?.name;
    return `${path}/${name ?? ''}`;
  };
  const agent = only('/var/lib/mesos/slaves');
  return `${only(`${agent}/frameworks`)}/executors/custom/runs`;
}
