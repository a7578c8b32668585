import { describe, expect, test } from '@jest/globals';
import type { FrameworkInfoCapabilityType } from '../../proto/index.ts';
import type { FakeAgent } from '../support/fake-agent.ts';
import type { FakeScheduler } from '../support/fake-scheduler.ts';
import { commandTask, MasterCluster, runningTask, type Member } from '../support/master-cluster.ts';

const UNAWARE: readonly FrameworkInfoCapabilityType[] = ['MULTI_ROLE'];
const AWARE: readonly FrameworkInfoCapabilityType[] = ['MULTI_ROLE', 'PARTITION_AWARE'];

/** From the last answered ping to the report, at most. */
const SILENT_MS_MAX = 6 * 15_000;

interface Partitioned {
  readonly cluster: MasterCluster;
  readonly scheduler: Member<FakeScheduler>;
  readonly agent: Member<FakeAgent>;
}

/** A cluster whose agent, with the task `t` running, does not answer any more. */
async function partitioned(
  capabilities: readonly FrameworkInfoCapabilityType[],
  until: 'silent' | 'unreachable' = 'unreachable',
): Promise<Partitioned> {
  const cluster = await MasterCluster.start();
  const { scheduler, agent } = await cluster.pair({ capabilities, info: { checkpoint: true } });
  scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
  await cluster.until(() => agent.actor.runs.length > 0);
  agent.actor.update('t', 'TASK_RUNNING');
  await cluster.until(() => scheduler.actor.updates.length > 0);
  scheduler.actor.acknowledge();
  await cluster.until(() => scheduler.actor.offers.length === 2);
  agent.actor.answering = false;
  if (until === 'unreachable') await cluster.sim.advance(SILENT_MS_MAX);
  return { cluster, scheduler, agent };
}

describe('an agent that stops answering', () => {
  test('is lost to all frameworks after five pings, and its offers are rescinded [395a0fe]', async () => {
    const { cluster, scheduler, agent } = await partitioned(UNAWARE, 'silent');
    await cluster.sim.advance(4 * 15_000);
    expect(scheduler.actor.lostAgents).toEqual([]);
    await cluster.sim.advance(2 * 15_000);
    expect(scheduler.actor.lostAgents).toEqual([agent.actor.agentId]);
    expect(scheduler.actor.rescinded).toEqual([scheduler.actor.offers[1]?.id.value]);
    expect([...cluster.registry.unreachable.keys()]).toEqual([agent.actor.agentId]);
  });

  test('is not lost if it answers the fifth ping', async () => {
    const { cluster, scheduler, agent } = await partitioned(UNAWARE, 'silent');
    await cluster.sim.advance(4 * 15_000 + 10_000);
    agent.actor.answering = true;
    await cluster.sim.advance(600_000);
    expect(scheduler.actor.lostAgents).toEqual([]);
  });

  test('is told to frameworks in states that they know', async () => {
    for (const [capabilities, state] of [
      [UNAWARE, 'TASK_LOST'],
      [AWARE, 'TASK_UNREACHABLE'],
    ] as const) {
      const { scheduler, agent } = await partitioned(capabilities);
      expect(scheduler.actor.statuses.at(-1)).toMatchObject({
        state,
        reason: 'REASON_SLAVE_REMOVED',
        message: 'health check timed out',
        source: 'SOURCE_MASTER',
        slave_id: { value: agent.actor.agentId },
      });
      expect(scheduler.actor.statuses.at(-1)?.unreachable_time).toBeDefined();
      expect(scheduler.actor.updates.at(-1)?.pid).toBe('@0.0.0.0:0');
    }
  });

  test('is marked once, however often it fails its checks while the registry is slow [9e9bb98]', async () => {
    const { cluster, scheduler, agent } = await partitioned(AWARE, 'silent');
    const { writes } = cluster.registry;
    cluster.registry.hold();
    await cluster.sim.advance(90_000);
    expect(scheduler.actor.lostAgents).toEqual([]);
    cluster.registry.release();
    await cluster.sim.advance(1_000);
    expect(scheduler.actor.lostAgents).toEqual([agent.actor.agentId]);
    expect(cluster.registry.writes).toBe(writes + 1);
  });

  test('has its messages ignored until it reregisters [b9fc3a9]', async () => {
    const { cluster, scheduler, agent } = await partitioned(AWARE);
    const told = scheduler.actor.updates.length;
    agent.actor.update('t', 'TASK_FINISHED', { ordinal: 2 });
    agent.actor.executorExited(scheduler.actor.frameworkId ?? '', 't');
    await cluster.sim.advance(5_000);
    expect(scheduler.actor.updates).toHaveLength(told);
    expect(scheduler.actor.exitedExecutors).toEqual([]);
  });

  test('is known to be unreachable to who reconciles, also after an election [890f9dd] [984306f]', async () => {
    const { cluster, scheduler, agent } = await partitioned(AWARE);
    await cluster.failOver();
    scheduler.actor.subscribe();
    await cluster.until(() => scheduler.actor.registrations.length === 2);
    const slave_id = { value: agent.actor.agentId ?? '' };
    scheduler.actor.reconcile([{ task_id: { value: 't' }, slave_id }]);
    await cluster.until(() => scheduler.actor.statuses.at(-1)?.reason === 'REASON_RECONCILIATION');
    expect(scheduler.actor.statuses.at(-1)?.state).toBe('TASK_UNREACHABLE');
    const since = cluster.registry.unreachable.get(slave_id.value);
    expect(scheduler.actor.statuses.at(-1)?.unreachable_time).toEqual(since);
  });
});

describe('a partition that heals', () => {
  test('brings tasks back; none is killed [be082c6]', async () => {
    const { cluster, scheduler, agent } = await partitioned(AWARE);
    agent.actor.answering = true;
    agent.actor.reregister({ tasks: [runningTask(agent.actor.runs[0])] });
    await cluster.until(() => scheduler.actor.statesOf('t').length === 3);
    expect(scheduler.actor.statesOf('t')).toEqual([
      'TASK_RUNNING',
      'TASK_UNREACHABLE',
      'TASK_RUNNING',
    ]);
    expect(scheduler.actor.statuses.at(-1)?.reason).toBe('REASON_SLAVE_REREGISTERED');
    expect(agent.actor.kills).toEqual([]);
    expect(cluster.registry.unreachable.size).toBe(0);
    scheduler.actor.reconcile();
    await cluster.until(() => scheduler.actor.statesOf('t').length === 4);
  });

  test.each([
    [UNAWARE, 'TASK_LOST'],
    [AWARE, 'TASK_UNREACHABLE'],
  ] as const)(
    'tells the end that a task met meanwhile, for %j [1131bfc] [67859c9]',
    async (capabilities, lost) => {
      const { cluster, scheduler, agent } = await partitioned(capabilities);
      agent.actor.answering = true;
      const ended = runningTask(agent.actor.runs[0], 'TASK_FINISHED');
      agent.actor.reregister({ tasks: [ended] });
      await cluster.until(() => scheduler.actor.statesOf('t').length === 3);
      expect(scheduler.actor.statesOf('t')).toEqual(['TASK_RUNNING', lost, 'TASK_FINISHED']);
      await cluster.until(() => scheduler.actor.offers.length === 3);
      expect(scheduler.actor.offers.at(-1)?.resources).toEqual(
        scheduler.actor.offers[0]?.resources,
      );
      agent.actor.update('t', 'TASK_FINISHED', { ordinal: 2 });
      await cluster.until(() => scheduler.actor.statesOf('t').length === 4);
      scheduler.actor.acknowledge();
      await cluster.until(() => agent.actor.acknowledgements.length === 2);
      scheduler.actor.reconcile();
      await cluster.sim.advance(1_000);
      expect(scheduler.actor.statesOf('t')).toHaveLength(4);
    },
  );

  test('drops a task whose launch was lost on the way [8c9210c]', async () => {
    const { cluster, scheduler, agent } = await partitioned(AWARE);
    agent.actor.answering = true;
    agent.actor.reregister();
    await cluster.until(() => agent.actor.reregistrations.length > 0);
    const [asked] = agent.actor.reregistrations[0]?.reconciliations ?? [];
    expect(asked?.statuses?.map(({ task_id }) => task_id.value)).toEqual(['t']);
    const status = { reason: 'REASON_RECONCILIATION' as const };
    agent.actor.update('t', 'TASK_DROPPED', { ordinal: 2, status });
    await cluster.until(() => scheduler.actor.statesOf('t').includes('TASK_DROPPED'));
    scheduler.actor.acknowledge();
    await cluster.until(() => agent.actor.acknowledgements.length === 2);
    const slave_id = { value: agent.actor.agentId ?? '' };
    scheduler.actor.reconcile([{ task_id: { value: 't' }, slave_id }]);
    await cluster.until(() => scheduler.actor.statuses.at(-1)?.state === 'TASK_GONE');
  });

  test('ends the tasks of a framework that is over [ce2ebb2]', async () => {
    const { cluster, scheduler, agent } = await partitioned(AWARE);
    scheduler.actor.call({ type: 'TEARDOWN' });
    await cluster.sim.advance(1_000);
    agent.actor.answering = true;
    const info = agent.actor.runs[0]?.framework;
    agent.actor.reregister({
      tasks: [runningTask(agent.actor.runs[0])],
      frameworks: info ? [info] : [],
    });
    await cluster.until(() => agent.actor.frameworkShutdowns.length > 0);
    expect(agent.actor.frameworkShutdowns).toEqual([scheduler.actor.frameworkId]);
  });

  test('keeps the end of a task that ended before it and was not acknowledged [45d440d]', async () => {
    const { cluster, scheduler, agent } = await partitioned(AWARE, 'silent');
    agent.actor.update('t', 'TASK_FAILED', { ordinal: 2 });
    await cluster.sim.advance(SILENT_MS_MAX);
    expect(scheduler.actor.statesOf('t')).toEqual(['TASK_RUNNING', 'TASK_FAILED']);
    expect(scheduler.actor.lostAgents).toHaveLength(1);
  });

  test('after an election leaves no trace: the new master never lost the tasks [ea16504]', async () => {
    const { cluster, scheduler, agent } = await partitioned(UNAWARE, 'silent');
    await cluster.failOver();
    scheduler.actor.subscribe();
    await cluster.until(() => scheduler.actor.registrations.length === 2);
    agent.actor.answering = true;
    agent.actor.reregister({ tasks: [runningTask(agent.actor.runs[0])] });
    await cluster.until(() => agent.actor.reregistrations.length > 0);
    await cluster.sim.advance(700_000);
    expect(scheduler.actor.statesOf('t')).toEqual(['TASK_RUNNING']);
    expect(scheduler.actor.lostAgents).toEqual([]);
  });
});

describe('the removal rate', () => {
  test('lets agents through one by one, and spares those that answer meanwhile [3a03598] [349e260]', async () => {
    const limit = { permits: 1, perMs: 600_000 };
    const cluster = await MasterCluster.start({ agentRemovalRateLimit: limit });
    const agents = [await cluster.agent(), await cluster.agent(), await cluster.agent()];
    const { actor } = await cluster.scheduler();
    for (const agent of agents) agent.actor.answering = false;
    await cluster.sim.advance(SILENT_MS_MAX);
    expect(actor.lostAgents).toHaveLength(1);
    const spared = agents.find((agent) => !actor.lostAgents.includes(agent.actor.agentId ?? ''));
    if (spared) spared.actor.answering = true;
    await cluster.sim.advance(700_000);
    expect(actor.lostAgents).toHaveLength(2);
    expect(actor.lostAgents).not.toContain(spared?.actor.agentId);
    await cluster.sim.advance(700_000);
    expect(actor.lostAgents).toHaveLength(2);
  });
});
