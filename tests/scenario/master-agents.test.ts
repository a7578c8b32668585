import { describe, expect, test } from '@jest/globals';
import type { TaskStatusReason } from '../../proto/index.ts';
import { Resources } from '../../common/resources.ts';
import {
  commandTask,
  executorTask,
  MasterCluster,
  runningTask,
} from '../support/master-cluster.ts';

describe('the registration of an agent', () => {
  test('is in the registry before the agent hears of it', async () => {
    const cluster = await MasterCluster.start();
    cluster.registry.hold();
    const agent = await cluster.unregisteredAgent();
    agent.actor.register();
    await cluster.sim.advance(5_000);
    expect(agent.actor.registrations).toEqual([]);
    cluster.registry.release();
    await cluster.until(() => agent.actor.registrations.length > 0);
    expect(agent.actor.registrations[0]?.connection?.total_ping_timeout_seconds).toBe(75);
  });

  test('is made once, though the answer was lost and it was asked for again [1d2f46e]', async () => {
    const cluster = await MasterCluster.start();
    cluster.registry.hold();
    const agent = await cluster.unregisteredAgent();
    agent.actor.register();
    agent.actor.register();
    await cluster.sim.advance(1_000);
    cluster.registry.release();
    await cluster.until(() => agent.actor.registrations.length > 0);
    agent.actor.register();
    await cluster.until(() => agent.actor.registrations.length === 2);
    expect(new Set(agent.actor.registrations.map(({ slave_id }) => slave_id.value)).size).toBe(1);
    expect(cluster.registry.admitted.size).toBe(1);
  });

  test.each([
    ['an id that is none', { id: { value: 'a/b' } }, {}],
    ['a resource that is none', { resources: [{ name: '', type: 'SCALAR' as const }] }, {}],
    ['a version too old', {}, { version: '0.28.0' }],
    ['a version that is none', {}, { version: 'latest' }],
  ])('with %s is dropped [ca95702] [1344376]', async (_what, info, options) => {
    const cluster = await MasterCluster.start();
    const agent = await cluster.unregisteredAgent(options);
    agent.actor.register(info);
    await cluster.sim.advance(10_000);
    expect(agent.actor.registrations).toEqual([]);
    expect(agent.actor.shutdowns).toEqual([]);
    expect(cluster.registry.admitted.size).toBe(0);
  });

  test('names it as no agent of this master or the one before was named [61c6e12]', async () => {
    const cluster = await MasterCluster.start();
    const first = await cluster.agent();
    await cluster.failOver();
    const second = await cluster.agent();
    expect(second.actor.agentId).not.toBe(first.actor.agentId);
  });

  test('as a new one removes the agent that was at its address', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({ info: { checkpoint: true } });
    scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    cluster.kill(agent);
    await cluster.sim.advance(1_000);
    const next = await cluster.restartAgent(agent);
    next.actor.agentId = undefined;
    next.actor.register();
    await cluster.until(() => next.actor.registrations.length > 0);
    expect(next.actor.agentId).not.toBe(agent.actor.agentId);
    expect(scheduler.actor.lostAgents).toEqual([agent.actor.agentId]);
    expect(scheduler.actor.statuses[0]).toMatchObject({
      state: 'TASK_LOST',
      reason: 'REASON_SLAVE_REMOVED',
      message: `Agent ${agent.machine.name} removed: a new agent registered at the same address`,
    });
  });
});

describe('an agent that says good-bye', () => {
  test('loses its tasks for good, also those of partition-aware frameworks', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({ capabilities: ['PARTITION_AWARE'] });
    scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    agent.actor.unregister();
    await cluster.until(() => scheduler.actor.lostAgents.length > 0);
    expect(scheduler.actor.statuses[0]).toMatchObject({
      state: 'TASK_LOST',
      reason: 'REASON_SLAVE_REMOVED',
      message: `Agent ${agent.machine.name} removed: the agent unregistered`,
    });
    expect(cluster.registry.admitted.size).toBe(0);
  });
});

describe('an agent whose connection breaks', () => {
  test('loses what frameworks without checkpoints run on it, and keeps the rest', async () => {
    const cluster = await MasterCluster.start();
    const agent = await cluster.agent();
    const { agentId } = agent.actor;
    const careless = await cluster.scheduler();
    await cluster.until(() => careless.actor.offers.length > 0);
    careless.actor.launch([executorTask('a', agentId)]);
    const careful = await cluster.scheduler({ info: { checkpoint: true } });
    await cluster.until(() => agent.actor.runs.length > 0);
    careless.actor.call({ type: 'SUPPRESS', suppress: {} });
    careless.actor.decline();
    await cluster.until(() => careful.actor.offers.length > 0);
    careful.actor.launch([commandTask('b', agentId)]);
    await cluster.until(() => agent.actor.runs.length === 2);
    await cluster.until(() => careful.actor.offers.length === 2);

    cluster.kill(agent);
    await cluster.until(() => careless.actor.updates.length > 0);
    expect(careless.actor.statuses[0]).toMatchObject({
      state: 'TASK_LOST',
      reason: 'REASON_SLAVE_DISCONNECTED',
      message: `Agent ${agent.machine.name} disconnected`,
      executor_id: { value: 'executor-1' },
    });
    await cluster.until(() => careful.actor.rescinded.length > 0);
    expect(careful.actor.rescinded).toEqual([careful.actor.offers[1]?.id.value]);
    await cluster.sim.advance(10_000);
    expect(careful.actor.updates).toEqual([]);
    expect(careful.actor.lostAgents).toEqual([]);
  });

  test('brings a task back that was given up for lost while its launch was on its way', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    const { frameworkId = '' } = scheduler.actor;
    const { pings, agentId } = agent.actor;
    agent.actor.update('over', 'TASK_RUNNING', { frameworkId, latestState: 'TASK_FAILED' });
    await cluster.sim.advance(60_000);
    expect(pings.every(({ connected }) => connected)).toBe(true);

    agent.actor.update('late', 'TASK_RUNNING', { frameworkId });
    agent.actor.update('late', 'TASK_RUNNING', { frameworkId });
    await cluster.until(() => pings.at(-1)?.connected === false);
    expect(cluster.sim.logs.filter(({ message }) => message.includes('given up'))).toHaveLength(1);
    const framework = { user: '', name: '', id: { value: frameworkId } };
    const task = runningTask({ framework, task: commandTask('late', agentId) });
    agent.actor.reregister({ tasks: [task] });
    await cluster.until(() => pings.at(-1)?.connected === true);
    expect(scheduler.actor.statuses.at(-1)).toMatchObject({
      task_id: { value: 'late' },
      state: 'TASK_RUNNING',
      reason: 'REASON_SLAVE_REREGISTERED',
    });
  });

  test('is unreachable if it has not come back when its time is over', async () => {
    const cluster = await MasterCluster.start({ agentPingTimeoutMs: 900_000 });
    const { scheduler, agent } = await cluster.pair({ info: { checkpoint: true } });
    cluster.kill(agent);
    await cluster.sim.advance(599_000);
    expect(scheduler.actor.lostAgents).toEqual([]);
    await cluster.sim.advance(2_000);
    expect(scheduler.actor.lostAgents).toEqual([agent.actor.agentId]);
    expect([...cluster.registry.unreachable.keys()]).toEqual([agent.actor.agentId]);
  });

  test('is offered again when it is back', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({ info: { checkpoint: true } });
    cluster.kill(agent);
    await cluster.until(() => scheduler.actor.rescinded.length > 0);
    const back = await cluster.restartAgent(agent);
    back.actor.reregister();
    await cluster.until(() => scheduler.actor.offers.length === 2);
    expect(back.actor.reregistrations).toHaveLength(1);
    await cluster.sim.advance(700_000);
    expect(scheduler.actor.lostAgents).toEqual([]);
  });
});

describe('an agent that reregisters', () => {
  test('needlessly harms nothing [e9a4c31]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    agent.actor.reregister({
      tasks: [
        {
          name: 't',
          task_id: { value: 't' },
          framework_id: { value: scheduler.actor.frameworkId ?? '' },
          slave_id: { value: agent.actor.agentId ?? '' },
          state: 'TASK_RUNNING',
        },
      ],
    });
    await cluster.until(() => agent.actor.reregistrations.length > 0);
    expect(agent.actor.reregistrations[0]?.reconciliations).toBeUndefined();
    await cluster.sim.advance(10_000);
    expect(scheduler.actor.updates).toEqual([]);
    expect(agent.actor.kills).toEqual([]);
    expect(agent.actor.frameworkShutdowns).toEqual([]);
  });

  test.each([
    [['MULTI_ROLE'] as const, 'TASK_LOST' as const],
    [['MULTI_ROLE', 'PARTITION_AWARE'] as const, 'TASK_DROPPED' as const],
  ])(
    'is asked about a task that it does not name, for %j [a195bcb] [eb1aa23]',
    async (capabilities, state) => {
      const cluster = await MasterCluster.start();
      const { scheduler, agent } = await cluster.pair({ capabilities });
      scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
      await cluster.until(() => agent.actor.runs.length > 0);
      agent.actor.reregister();
      await cluster.until(() => agent.actor.reregistrations.length > 0);
      const [reconciliation] = agent.actor.reregistrations[0]?.reconciliations ?? [];
      expect(reconciliation?.framework_id.value).toBe(scheduler.actor.frameworkId);
      expect(reconciliation?.framework?.name).toBe('fake');
      expect(reconciliation?.statuses).toMatchObject([
        {
          task_id: { value: 't' },
          state: 'TASK_STAGING',
          slave_id: { value: agent.actor.agentId },
        },
      ]);
      agent.actor.update('t', state, { status: { reason: 'REASON_RECONCILIATION' } });
      await cluster.until(() => scheduler.actor.statesOf('t').length > 0);
      expect(scheduler.actor.statesOf('t')).toEqual([state]);
      await cluster.until(() => scheduler.actor.offers.length > 1);
    },
  );

  test.each<TaskStatusReason>([
    'REASON_RECONCILIATION',
    // The word of the agent that the executor never started was lost with its connection.
    'REASON_INVALID_OFFERS',
    'REASON_TASK_INVALID',
    'REASON_TASK_GROUP_INVALID',
  ])(
    'without the executor of a launch that was lost frees what was charged for it: %s',
    async (reason) => {
      const cluster = await MasterCluster.start();
      const { scheduler, agent } = await cluster.pair();
      scheduler.actor.launch([executorTask('t', agent.actor.agentId)]);
      await cluster.until(() => agent.actor.runs.length > 0);
      agent.actor.reregister();
      await cluster.until(() => agent.actor.reregistrations.length > 0);
      await cluster.until(() => scheduler.actor.offers.length > 1);
      scheduler.actor.decline(undefined, { refuse_seconds: 0 });
      agent.actor.update('t', 'TASK_LOST', { status: { reason } });
      await cluster.until(() => scheduler.actor.offers.length > 2);
      expect(scheduler.actor.offers.at(-1)?.resources).toEqual(
        scheduler.actor.offers[0]?.resources,
      );
    },
  );

  test('with the end of a task alone says nothing for the executor of another', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    const { agentId } = agent.actor;
    scheduler.actor.launch([executorTask('t', agentId), executorTask('u', agentId)]);
    await cluster.until(() => agent.actor.runs.length === 2);
    agent.actor.reregister({
      tasks: [{ ...runningTask(agent.actor.runs[0]), state: 'TASK_FAILED' }],
    });
    await cluster.until(() => agent.actor.reregistrations.length > 0);
    agent.actor.update('t', 'TASK_FAILED', { status: { reason: 'REASON_EXECUTOR_TERMINATED' } });
    agent.actor.update('u', 'TASK_LOST', { status: { reason: 'REASON_RECONCILIATION' } });
    await cluster.sim.advance(5_000);
    const seen = scheduler.actor.offers.length;
    scheduler.actor.decline(scheduler.actor.offers.slice(1), { refuse_seconds: 0 });
    await cluster.until(() => scheduler.actor.offers.length > seen);
    expect(scheduler.actor.offers.at(-1)?.resources).toEqual(scheduler.actor.offers[0]?.resources);
  });

  test('from another host is told to shut down', async () => {
    const cluster = await MasterCluster.start();
    const agent = await cluster.agent();
    const other = await cluster.unregisteredAgent();
    other.actor.agentId = agent.actor.agentId;
    other.actor.reregister();
    await cluster.until(() => other.actor.shutdowns.length > 0);
    expect(agent.actor.shutdowns).toEqual([]);
  });

  test.each([
    ['twice the same task', [task('t'), task('t')]],
    ['a task whose id is none', [task('a/b')]],
    ["another agent's task", [{ ...task('t'), slave_id: { value: 'elsewhere' } }]],
  ])('with %s is not heard [baf0c89] [a3afcf9]', async (_what, tasks) => {
    const cluster = await MasterCluster.start();
    const agent = await cluster.agent();
    const slave_id = { value: agent.actor.agentId ?? '' };
    agent.actor.reregister({
      tasks: tasks.map((one) => (one.slave_id.value === '' ? { ...one, slave_id } : one)),
    });
    await cluster.sim.advance(5_000);
    expect(agent.actor.reregistrations).toEqual([]);
  });

  test('changed is in the registry as it is now [3b86e56]', async () => {
    const cluster = await MasterCluster.start();
    const agent = await cluster.agent();
    cluster.kill(agent);
    await cluster.sim.advance(1_000);
    const back = await cluster.restartAgent(agent, { resources: 'cpus:8;mem:1024' });
    back.actor.reregister();
    await cluster.until(() => back.actor.reregistrations.length > 0);
    const info = cluster.registry.admitted.get(agent.actor.agentId ?? '');
    expect(info?.resources?.find(({ name }) => name === 'cpus')?.scalar?.value).toBe(8);
  });

  test('brings tasks that were given up for lost back to their framework', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({}, { resources: 'cpus:2;mem:1024' });
    scheduler.actor.launch([executorTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    cluster.breakLinks(agent);
    await cluster.until(() => scheduler.actor.statesOf('t').includes('TASK_LOST'));
    const executor = agent.actor.runs[0]?.task.executor;
    agent.actor.reregister({
      tasks: [runningTask(agent.actor.runs[0])],
      executor_infos: executor ? [executor] : [],
    });
    await cluster.until(() => scheduler.actor.statesOf('t').length === 2);
    expect(scheduler.actor.statuses.at(-1)).toMatchObject({
      state: 'TASK_RUNNING',
      reason: 'REASON_SLAVE_REREGISTERED',
    });
    await cluster.sim.advance(2_000);
    const offer = Resources.fromProtobuf(scheduler.actor.offers.at(-1)?.resources).unallocate();
    expect(offer.toString()).toBe('cpus:0.9; mem:864');
  });
});

function task(id: string) {
  return {
    name: id,
    task_id: { value: id },
    framework_id: { value: 'f' },
    slave_id: { value: '' },
    state: 'TASK_RUNNING' as const,
  };
}
