import { describe, expect, test } from '@jest/globals';
import { Resources } from '../../common/resources.ts';
import { commandTask, MasterCluster } from '../support/master-cluster.ts';

const OFFER_TIMEOUT_MS = 30_000;

describe('a master whose offers expire', () => {
  test('takes back what nobody answered, and offers it anew [9906af8]', async () => {
    const cluster = await MasterCluster.start({ offerTimeoutMs: OFFER_TIMEOUT_MS });
    const { scheduler } = await cluster.pair();
    const [offer] = scheduler.actor.offers;
    const offeredAtMs = cluster.sim.nowMs;
    await cluster.sim.advance(OFFER_TIMEOUT_MS - 1_000);
    expect(scheduler.actor.rescinded).toEqual([]);
    await cluster.until(() => scheduler.actor.rescinded.length > 0);
    expect(scheduler.actor.rescinded).toEqual([offer?.id.value]);
    expect(cluster.sim.nowMs - offeredAtMs).toBeLessThan(OFFER_TIMEOUT_MS + 1_000);
    await cluster.until(() => scheduler.actor.offers.length === 2, 10_000);
    const [, next] = scheduler.actor.offers;
    expect(next?.id).not.toEqual(offer?.id);
    expect(next?.resources).toEqual(offer?.resources);
  });

  test('does not take back what was used, nor end what runs on it [75e7164]', async () => {
    const cluster = await MasterCluster.start({ offerTimeoutMs: OFFER_TIMEOUT_MS });
    const { scheduler, agent } = await cluster.pair({}, { resources: 'cpus:1;mem:128' });
    scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    agent.actor.update('t', 'TASK_RUNNING');
    await cluster.sim.advance(2 * OFFER_TIMEOUT_MS);
    expect(scheduler.actor.rescinded).toEqual([]);
    expect(scheduler.actor.offers).toHaveLength(1);
    expect(scheduler.actor.statesOf('t')).toEqual(['TASK_RUNNING']);
    expect(agent.actor.kills).toEqual([]);
  });
});

describe('the resources of a task that has ended', () => {
  const resources = 'cpus:2;mem:1024';

  test('are free before the scheduler acknowledges that [9ac4609]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({}, { resources });
    scheduler.actor.launch([commandTask('t', agent.actor.agentId, resources)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    await cluster.sim.advance(5_000);
    expect(scheduler.actor.offers).toHaveLength(1);
    agent.actor.update('t', 'TASK_FINISHED');
    await cluster.until(() => scheduler.actor.offers.length === 2, 5_000);
    expect(agent.actor.acknowledgements).toEqual([]);
    expect(offered(scheduler.actor)).toBe('cpus:2; mem:1024');
  });

  test('are freed by the first update that tells of it, and once [6bd1a67]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({}, { resources });
    scheduler.actor.launch([commandTask('t', agent.actor.agentId, resources)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    agent.actor.update('t', 'TASK_RUNNING', { latestState: 'TASK_FINISHED' });
    await cluster.until(() => scheduler.actor.offers.length === 2, 5_000);
    expect(scheduler.actor.statesOf('t')).toEqual(['TASK_RUNNING']);
    agent.actor.update('t', 'TASK_RUNNING', { latestState: 'TASK_FINISHED' });
    scheduler.actor.acknowledge();
    agent.actor.update('t', 'TASK_FINISHED', { ordinal: 2 });
    await cluster.until(() => scheduler.actor.statesOf('t').includes('TASK_FINISHED'));
    scheduler.actor.acknowledge();
    scheduler.actor.decline(undefined, { refuse_seconds: 0 });
    await cluster.until(() => scheduler.actor.offers.length === 3, 5_000);
    expect(offered(scheduler.actor)).toBe('cpus:2; mem:1024');
  });
});

function offered({ offers }: MasterClusterScheduler): string {
  return Resources.fromProtobuf(offers.at(-1)?.resources).unallocate().toString();
}

type MasterClusterScheduler = Awaited<ReturnType<MasterCluster['scheduler']>>['actor'];
