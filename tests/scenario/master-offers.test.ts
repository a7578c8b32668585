import { describe, expect, test } from '@jest/globals';
import { Resources } from '../../common/resources.ts';
import { commandTask, executorTask, MasterCluster } from '../support/master-cluster.ts';

describe('offers of a master', () => {
  test('name at most each agent once, with its resources and place [fdb6c57]', async () => {
    const cluster = await MasterCluster.start();
    const agents = [];
    for (let count = 0; count < 10; count += 1) agents.push(await cluster.agent());
    const { actor } = await cluster.scheduler();
    await cluster.until(() => actor.offers.length === 10);
    const offered = new Set(actor.offers.map(({ slave_id }) => slave_id.value));
    expect(offered).toEqual(new Set(agents.map((agent) => agent.actor.agentId)));
    const [offer] = actor.offers;
    const of = agents.find((agent) => agent.actor.agentId === offer?.slave_id.value);
    expect(offer?.hostname).toBe(of?.machine.name);
    expect(offer?.url).toEqual({
      scheme: 'http',
      address: { hostname: of?.machine.name, ip: of?.machine.ip, port: 5051 },
      path: '/slave(1)',
    });
    expect(offer?.allocation_info).toEqual({ role: '*' });
    expect(actor.offerMessages[0]?.pids?.[0]).toBe(of?.actor.self.toString());
  });

  test('say nothing of allocations to a framework that does not know them', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler } = await cluster.pair({ capabilities: [] });
    const [offer] = scheduler.actor.offers;
    expect(offer?.allocation_info).toBeUndefined();
    expect(offer?.resources?.every(({ allocation_info }) => !allocation_info)).toBe(true);
    expect(offer?.resources?.every(({ role }) => role === '*')).toBe(true);
  });

  test('go to another framework once their holder has gone [3c590e9]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler } = await cluster.pair();
    const second = await cluster.scheduler();
    await cluster.sim.advance(5_000);
    expect(second.actor.offers).toEqual([]);
    scheduler.actor.call({ type: 'TEARDOWN' });
    await cluster.until(() => second.actor.offers.length > 0);
  });

  test.each([
    ['no resources', (agent: string) => ({ ...commandTask('bad', agent), resources: [] })],
    ['too many', (agent: string) => commandTask('bad', agent, 'cpus:5;mem:128')],
    ['another agent', () => commandTask('bad', 'elsewhere')],
  ])('are made anew after a task with %s was refused [c74f590]', async (_what, task) => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    scheduler.actor.launch([task(agent.actor.agentId ?? '')]);
    await cluster.until(() => scheduler.actor.updates.length > 0);
    expect(scheduler.actor.statuses[0]).toMatchObject({
      state: 'TASK_ERROR',
      reason: 'REASON_TASK_INVALID',
      source: 'SOURCE_MASTER',
    });
    expect(scheduler.actor.statuses[0]).not.toHaveProperty('uuid');
    await cluster.until(() => scheduler.actor.offers.length === 2);
    expect(scheduler.actor.offers[1]?.resources).toEqual(scheduler.actor.offers[0]?.resources);
  });

  test('cannot be used twice in one call [b107210] [71a1056]', async () => {
    for (const [capabilities, state] of [
      [[], 'TASK_LOST'],
      [['PARTITION_AWARE'], 'TASK_DROPPED'],
    ] as const) {
      const cluster = await MasterCluster.start();
      const { scheduler, agent } = await cluster.pair({ capabilities });
      const [offer] = scheduler.actor.offers;
      if (!offer) throw new Error('There is an offer');
      scheduler.actor.launch([commandTask('t', agent.actor.agentId)], [offer, offer]);
      await cluster.until(() => scheduler.actor.updates.length > 0);
      expect(scheduler.actor.statuses[0]).toMatchObject({
        state,
        reason: 'REASON_INVALID_OFFERS',
        message: `Task launched with invalid offers: Duplicate offer ${offer.id.value} in offer list`,
      });
      await cluster.until(() => scheduler.actor.offers.length === 2);
      expect(agent.actor.runs).toEqual([]);
    }
  });

  test('of two agents cannot be used together [e92e159] [1272f1d]', async () => {
    for (const [capabilities, state] of [
      [[], 'TASK_LOST'],
      [['PARTITION_AWARE'], 'TASK_DROPPED'],
    ] as const) {
      const cluster = await MasterCluster.start();
      const agents = [await cluster.agent(), await cluster.agent()];
      const { actor } = await cluster.scheduler({ capabilities });
      await cluster.until(() => actor.offers.length === 2);
      actor.launch([commandTask('t', agents[0]?.actor.agentId)], actor.offers);
      await cluster.until(() => actor.updates.length > 0);
      expect(actor.statuses[0]).toMatchObject({ state, reason: 'REASON_INVALID_OFFERS' });
      await cluster.until(() => actor.offers.length === 4);
    }
  });

  test('of two roles cannot be used together [78d9482]', async () => {
    const cluster = await MasterCluster.start();
    const agents = [await cluster.agent(), await cluster.agent()];
    const { actor } = await cluster.scheduler({ info: { roles: ['dev', 'qa'] } });
    await cluster.until(() => actor.offers.length === 2);
    expect(new Set(actor.offers.map((offer) => offer.allocation_info?.role))).toEqual(
      new Set(['dev', 'qa']),
    );
    actor.launch([commandTask('t', agents[0]?.actor.agentId)], actor.offers);
    await cluster.until(() => actor.updates.length > 0);
    expect(actor.statesOf('t')).toEqual(['TASK_LOST']);
  });

  test('that another framework holds cannot be used, and stay with it', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    const thief = await cluster.scheduler();
    thief.actor.launch([commandTask('t', agent.actor.agentId)], scheduler.actor.offers);
    await cluster.until(() => thief.actor.updates.length > 0);
    expect(thief.actor.statesOf('t')).toEqual(['TASK_LOST']);
    scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
  });

  test('are rescinded when they have been held too long', async () => {
    const cluster = await MasterCluster.start({ offerTimeoutMs: 30_000 });
    const { scheduler } = await cluster.pair();
    await cluster.sim.advance(29_000);
    expect(scheduler.actor.rescinded).toEqual([]);
    await cluster.sim.advance(2_000);
    expect(scheduler.actor.rescinded).toEqual([scheduler.actor.offers[0]?.id.value]);
    await cluster.until(() => scheduler.actor.offers.length === 2);
  });

  test('stay away while suppressed, and come again when revived', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler } = await cluster.pair();
    scheduler.actor.call({ type: 'SUPPRESS', suppress: {} });
    scheduler.actor.decline(undefined, { refuse_seconds: 0 });
    await cluster.sim.advance(60_000);
    expect(scheduler.actor.offers).toHaveLength(1);
    scheduler.actor.call({ type: 'REVIVE', revive: {} });
    await cluster.until(() => scheduler.actor.offers.length === 2);
  });

  test('use what the operations before have left', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({}, { resources: 'cpus:2;mem:1024' });
    const { agentId } = agent.actor;
    scheduler.actor.launch([
      commandTask('a', agentId, 'cpus:1.5;mem:512'),
      commandTask('b', agentId, 'cpus:1;mem:512'),
      commandTask('c', agentId, 'cpus:0.5;mem:512'),
    ]);
    await cluster.until(() => agent.actor.runs.length === 2);
    expect(agent.actor.runs.map(({ task }) => task.task_id.value)).toEqual(['a', 'c']);
    expect(scheduler.actor.statuses).toMatchObject([
      {
        state: 'TASK_ERROR',
        message:
          'Total resources cpus(allocated: *):1; mem(allocated: *):512 required by task and its ' +
          'executor is more than available cpus(allocated: *):0.5; mem(allocated: *):512',
      },
    ]);
  });

  test('refuse the second of two tasks with one id [2ca4f26]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    const task = commandTask('t', agent.actor.agentId);
    scheduler.actor.launch([task, task]);
    await cluster.until(() => scheduler.actor.updates.length > 0);
    await cluster.sim.advance(1_000);
    expect(agent.actor.runs).toHaveLength(1);
    expect(scheduler.actor.statuses[0]?.message).toBe('Task has duplicate ID: t');
  });

  test('refuse an executor that is not what it was on that agent [3d83155]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    const { agentId } = agent.actor;
    scheduler.actor.launch([
      executorTask('a', agentId),
      executorTask('b', agentId, { command: { value: './other' } }),
      executorTask('c', agentId),
    ]);
    await cluster.until(() => agent.actor.runs.length === 2);
    expect(agent.actor.runs.map(({ task }) => task.task_id.value)).toEqual(['a', 'c']);
    expect(scheduler.actor.statesOf('b')).toEqual(['TASK_ERROR']);
  });

  test('launch a task group whole or not at all', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    const { agentId } = agent.actor;
    const launchGroup = (ids: readonly string[], cpus: number): void => {
      const tasks = ids.map((id) => commandTask(id, agentId, `cpus:${cpus};mem:32`));
      const resources = Resources.from('cpus:0.1;mem:32').toProtobuf();
      const executor = { executor_id: { value: 'e' }, type: 'DEFAULT' as const, resources };
      scheduler.actor.call({
        type: 'ACCEPT',
        accept: {
          offer_ids: scheduler.actor.offers.slice(-1).map(({ id }) => id),
          operations: [{ type: 'LAUNCH_GROUP', launch_group: { executor, task_group: { tasks } } }],
          filters: { refuse_seconds: 0 },
        },
      });
    };
    launchGroup(['a', 'b'], 2);
    await cluster.until(() => scheduler.actor.updates.length === 2);
    expect(scheduler.actor.statuses.map(({ state, reason }) => [state, reason])).toEqual([
      ['TASK_ERROR', 'REASON_TASK_GROUP_INVALID'],
      ['TASK_ERROR', 'REASON_TASK_GROUP_INVALID'],
    ]);
    await cluster.until(() => scheduler.actor.offers.length === 2);
    launchGroup(['a', 'b'], 1);
    await cluster.until(() => agent.actor.groups.length === 1);
    expect(agent.actor.groups[0]?.task_group.tasks).toHaveLength(2);
    expect(agent.actor.groups[0]?.launch_executor).toBe(true);
  });
});
