import { beforeEach, describe, expect, test } from '@jest/globals';
import { agentId, frameworkId } from '../../common/ids.ts';
import { Resources } from '../../common/resources.ts';
import { dispatch, ProcessManager, tell, type PID } from '../../libprocess/index.ts';
import { Simulation } from '../../libprocess/sim/index.ts';
import type { Allocation } from './allocator.ts';
import { AllocatorProcess } from './allocator-process.ts';
import { HierarchicalAllocator } from './hierarchical-allocator.ts';

let sim: Simulation;
let node: ProcessManager;
let pid: PID<AllocatorProcess>;
/** What was offered since last asked, oldest first. */
let received: (readonly Allocation[])[];

beforeEach(() => {
  sim = new Simulation({ seed: 1 });
  node = new ProcessManager({ runtime: sim.node().runtime, address: '10.0.0.1:5050' });
  received = [];
  pid = node.spawn(
    new AllocatorProcess({
      allocator: new HierarchicalAllocator(),
      allocationIntervalMs: 1_000,
      onOffers: (_id, allocations) => received.push(allocations),
    }),
  );
});

const addAgent = (id: string, total = 'cpus:1;mem:32'): void => {
  tell(pid, 'addAgent', { id: agentId(id), hostname: id, total: Resources.from(total) });
};
const addFramework = (id: string, active = true): void => {
  tell(pid, 'addFramework', { id: frameworkId(id), roles: ['*'], active });
};
const give = ([offer]: readonly Allocation[], refuseSeconds = 0): void => {
  if (!offer) throw new Error('There was no offer');
  tell(pid, 'recoverResources', { ...offer, filters: { refuse_seconds: refuseSeconds } });
};

/** Who was offered what since last asked: one text for each framework and run. */
function taken(): readonly string[] {
  const texts = received.map((offers) =>
    offers.map(({ frameworkId: id, agentId: agent }) => `${id}:${agent}`).join(' '),
  );
  received = [];
  return texts;
}

async function nowOffered(): Promise<readonly string[]> {
  await sim.settle();
  return taken();
}

async function runs(): Promise<number> {
  return sim.complete(dispatch(pid, 'runs'));
}

describe('the allocator process', () => {
  test('runs at once for a new framework and a new agent [9ea4898]', async () => {
    addAgent('s1');
    expect(await nowOffered()).toEqual([]);
    addFramework('f');
    expect(await nowOffered()).toEqual(['f:s1']);
    addAgent('s2');
    expect(await nowOffered()).toEqual(['f:s2']);
    expect(sim.nowMs).toBe(0);
  });

  test('joins triggers that come before the queued run, and offers once to each framework', async () => {
    addFramework('f1');
    addFramework('f2');
    for (const id of ['s1', 's2', 's3', 's4']) addAgent(id);
    const offered = await nowOffered();
    expect(offered.map((text) => text.split(' ').length)).toEqual([2, 2]);
    expect(await runs()).toBe(1);
  });

  test('runs over all agents each interval', async () => {
    await sim.advance(10_500);
    expect(await runs()).toBe(10);
  });

  test('leaves what was recovered or declined to the batch [a756252]', async () => {
    addAgent('s');
    addFramework('f');
    await sim.advance(300);
    for (const offers of received.splice(0)) give(offers);
    expect(await nowOffered()).toEqual([]);
    await sim.advance(600);
    expect(taken()).toEqual([]);
    await sim.advance(100);
    expect(taken()).toEqual(['f:s']);
  });

  test('runs at once when a framework revives or is activated [70d3fac] [c67041f]', async () => {
    addAgent('s');
    addFramework('f');
    await sim.settle();
    for (const offers of received.splice(0)) give(offers, 3_600);
    tell(pid, 'suppressOffers', frameworkId('f'), []);
    await sim.advance(2_500);
    expect(taken()).toEqual([]);
    tell(pid, 'reviveOffers', frameworkId('f'), []);
    expect(await nowOffered()).toEqual(['f:s']);

    addFramework('g', false);
    addAgent('s2');
    expect(await nowOffered()).toEqual(['f:s2']);
    tell(pid, 'deactivateFramework', frameworkId('f'));
    addAgent('s3');
    expect(await nowOffered()).toEqual([]);
    tell(pid, 'activateFramework', frameworkId('g'));
    expect(await nowOffered()).toEqual(['g:s3']);
  });

  test('runs at once for an agent that has changed, not for one that has not [4c7d491]', async () => {
    addFramework('f');
    addAgent('s');
    await sim.settle();
    const before = await runs();
    tell(pid, 'updateAgent', agentId('s'), { total: Resources.from('cpus:1;mem:32') });
    expect(await runs()).toBe(before);
    received = [];
    tell(pid, 'updateAgent', agentId('s'), { total: Resources.from('cpus:2;mem:32') });
    expect(await nowOffered()).toEqual(['f:s']);
  });

  test('waits for the batch after weights, a whitelist, an activated agent or an expired filter', async () => {
    addFramework('f');
    addAgent('s');
    await sim.settle();
    for (const offers of received.splice(0)) give(offers, 1.5);
    tell(pid, 'updateWeights', [{ role: '*', weight: 2 }]);
    tell(pid, 'updateWhitelist', undefined);
    tell(pid, 'deactivateAgent', agentId('s'));
    tell(pid, 'activateAgent', agentId('s'));
    await sim.advance(1_900);
    expect(taken()).toEqual([]);
    await sim.advance(100);
    expect(taken()).toEqual(['f:s']);
  });

  test('offers nothing of what was removed while the run was queued [e4dbd72]', async () => {
    addFramework('f');
    addFramework('g');
    addAgent('s1');
    addAgent('s2');
    tell(pid, 'removeAgent', agentId('s1'));
    tell(pid, 'removeFramework', frameworkId('f'));
    expect(await nowOffered()).toEqual(['g:s2']);
  });

  test('ends with its timers', async () => {
    addFramework('f');
    node.terminate(pid);
    addAgent('s');
    await sim.advance(5_000);
    expect(taken()).toEqual([]);
  });
});
