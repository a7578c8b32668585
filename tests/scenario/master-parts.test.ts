import { expect, test } from '@jest/globals';
import { composeMaster } from '../../cli/compose-master.ts';
import { Simulation } from '../../libprocess/sim/index.ts';
import { startNode } from '../../libprocess/start-node.ts';
import { UPID } from '../../libprocess/upid.ts';
import { InMemoryStorage } from '../../master/registrar/in-memory/in-memory-storage.ts';
import { MasterCluster } from '../support/master-cluster.ts';

test('a master without its allocator does not go on', async () => {
  const cluster = await MasterCluster.start();
  await cluster.pair();
  cluster.node.terminate(new UPID('hierarchical-allocator(1)', cluster.node.address));
  await cluster.until(() => cluster.failures.length > 0);
  expect(cluster.failures).toEqual(['A part of the master has ended: hierarchical-allocator(1)']);
  await cluster.sim.settle();
  expect(cluster.node.has('master')).toBe(false);
});

test('who runs a master hears of its end, whatever ended it', async () => {
  const sim = new Simulation({ seed: 0 });
  const { runtime } = sim.node();
  const node = await sim.complete(startNode({ runtime, ip: '10.0.0.1', port: 5050 }));
  const master = composeMaster({ node, flags: {}, storage: new InMemoryStorage() });
  await sim.settle();
  node.terminate(master.pid);
  expect(await sim.complete(master.failed)).toBe('The master has ended');
});
