import { expect, test } from '@jest/globals';
import { assertions, testCluster } from '../index.ts';

test('a cluster for tests has filters for all of its nodes', async () => {
  await using cluster = await testCluster();
  const { awaitReady } = assertions(cluster);
  const [agent] = cluster.agents;
  const asked = cluster.filters.futureHttpRequest({ path: '/metrics/snapshot' });
  const told = cluster.filters.futureExited({ to: 'master' });
  await cluster.master.get('/metrics/snapshot');
  agent?.kill();
  expect((await awaitReady(asked)).method).toBe('GET');
  expect((await awaitReady(told)).id).toMatch(/^slave\(1\)/);
  const never = cluster.filters.futureExited({ to: 'nobody' });
  await expect(awaitReady(never)).rejects.toThrow('Waited 15secs in vain for exited to nobody');
});
