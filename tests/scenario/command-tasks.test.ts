import { describe, expect, test } from '@jest/globals';
import { Cluster } from '../../testing/cluster.ts';

describe('a cluster', () => {
  test('runs a command task to its end, each update acknowledged at each hop', async () => {
    const cluster = await Cluster.start();
    await cluster.agent();
    const { scheduler } = await cluster.scheduler({
      framework: { user: 'root', name: 'test', checkpoint: true },
    });
    await cluster.sim.until(() => scheduler.offers.size > 0, 30_000);
    const [offer] = scheduler.offers.values();
    if (!offer) throw new Error('there is an offer');
    scheduler.launch(offer, 'task', { command: { value: 'sleep 5; exit 0' } });
    await cluster.sim.until(() => scheduler.latest('task')?.state === 'TASK_FINISHED', 30_000);
    expect(scheduler.statesOf('task')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
  });
});
