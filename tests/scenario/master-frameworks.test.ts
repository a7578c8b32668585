import { describe, expect, test } from '@jest/globals';
import { Message } from '../../libprocess/message.ts';
import { scheduler as schedulerApi } from '../../proto/index.ts';
import { commandTask, executorTask, MasterCluster } from '../support/master-cluster.ts';

const CHECKPOINT_AND_FAILOVER = { checkpoint: true, failover_timeout: 60 };

describe('a subscription', () => {
  test('is made once, though the answer was lost and it was asked for again [0eb6319]', async () => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.scheduler();
    const id = actor.frameworkId;
    actor.frameworkId = undefined;
    actor.subscribe();
    await cluster.until(() => actor.registrations.length === 2);
    expect(actor.frameworkId).toBe(id);
  });

  test('that is asked for again before the answer is there takes no offer back', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    const { actor } = scheduler;
    actor.frameworkId = undefined;
    actor.subscribe();
    await cluster.until(() => actor.registrations.length === 2);
    actor.launch([commandTask('task', agent.actor.agentId)]);
    await cluster.sim.advance(1_000);
    expect([actor.rescinded, actor.statuses.map(({ state }) => state)]).toEqual([[], []]);
  });

  test('tells who the master is [8e6d69e]', async () => {
    const cluster = await MasterCluster.start({ hostname: 'leader.example' });
    const { actor } = await cluster.scheduler();
    const { ip } = cluster.masterMachine;
    expect(actor.registrations[0]).toMatchObject({
      pid: `master@${ip}:5050`,
      hostname: 'leader.example',
      port: 5050,
      version: '1.12.0',
      address: { hostname: 'leader.example', ip, port: 5050 },
    });
    expect(actor.frameworkId).toBe(`${actor.registrations[0]?.id ?? ''}-0000`);
  });

  test.each([
    ['of a scheduler that knows its id', true],
    ['of one that has not heard the answer', false],
  ])(
    '%s outlives the end of the connection before it, told late, which ended the offers before it',
    async (_whose, heard) => {
      const cluster = await MasterCluster.start();
      const { scheduler } = await cluster.pair();
      const { actor } = scheduler;
      const offered = actor.offers.length;
      const id = { value: heard ? (actor.frameworkId ?? '') : '' };
      const { node, master } = cluster;
      const subscription: schedulerApi.Call = {
        framework_id: id,
        type: 'SUBSCRIBE',
        subscribe: { framework_info: { ...actor.info, id }, force: heard },
      };
      node.deliver(Message.ofValue(actor.self, master, schedulerApi.Call, subscription));
      node.lost(actor.self.address); // Its notice waits behind the subscription.
      await cluster.until(() => actor.offers.length > offered);
    },
  );

  test.each([
    ['a role that is none', { roles: ['/dev'] }],
    ['a role twice', { roles: ['dev', 'dev'] }],
    ['both kinds of roles', { role: 'dev', roles: ['dev'] }],
    ['an id that is none', { id: { value: 'a/b' } }],
    ['a failover timeout too long to count', { failover_timeout: 1e10 }],
    ['a negative failover timeout', { failover_timeout: -1 }],
  ])('with %s is refused [b194780] [3f54282]', async (_what, info) => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.unsubscribedScheduler({ info });
    actor.subscribe();
    await cluster.until(() => actor.errors.length > 0);
    expect(actor.registrations).toEqual([]);
  });

  test('with an empty id is that of a new framework [b395da7]', async () => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.scheduler({ info: { id: { value: '' } } });
    expect(actor.frameworkId).toMatch(/-0000$/);
  });

  test('as root is refused where root may not run tasks', async () => {
    const cluster = await MasterCluster.start({ rootSubmissions: false });
    const { actor } = await cluster.unsubscribedScheduler();
    actor.subscribe();
    await cluster.until(() => actor.errors.length > 0);
  });

  test('in two roles gets offers for each [26a71e6]', async () => {
    const cluster = await MasterCluster.start();
    await cluster.agent();
    await cluster.agent();
    const { actor } = await cluster.scheduler({ info: { roles: ['dev', 'qa'] } });
    await cluster.until(() => actor.offers.length === 2);
    expect(actor.offers.map((offer) => offer.allocation_info?.role).sort()).toEqual(['dev', 'qa']);
  });
});

describe('a scheduler that lost its master and found it again', () => {
  test('has its offers rescinded and made anew [80358e6]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler } = await cluster.pair({ info: CHECKPOINT_AND_FAILOVER });
    scheduler.actor.subscribe();
    await cluster.until(() => scheduler.actor.reregistrations.length > 0);
    expect(scheduler.actor.rescinded).toEqual([scheduler.actor.offers[0]?.id.value]);
    await cluster.until(() => scheduler.actor.offers.length === 2);
    expect(scheduler.actor.registrations).toHaveLength(1);
  });

  test('and did not notice is told that its session is over [331bfa3]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler } = await cluster.pair({ info: CHECKPOINT_AND_FAILOVER });
    cluster.breakLinks(scheduler);
    await cluster.sim.advance(1_000);
    scheduler.actor.reconcile();
    await cluster.until(() => scheduler.actor.errors.length > 0);
    expect(scheduler.actor.errors).toEqual(['Framework disconnected']);
  });
});

describe('a second instance of a scheduler', () => {
  test('takes the framework over, and the first is told [3667ce0] [b078216]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({ info: CHECKPOINT_AND_FAILOVER });
    const id = { value: scheduler.actor.frameworkId ?? '' };
    const info = { ...CHECKPOINT_AND_FAILOVER, id, name: 'renamed', webui_url: 'http://new' };
    const next = await cluster.unsubscribedScheduler({ info });
    next.actor.subscribe({ force: true });
    await cluster.until(() => next.actor.registrations.length > 0);
    await cluster.until(() => scheduler.actor.errors.length > 0);
    expect(scheduler.actor.errors).toEqual(['Framework failed over']);
    expect(next.actor.frameworkId).toBe(id.value);
    await cluster.until(() => next.actor.offers.length > 0);
    await cluster.until(() => agent.actor.frameworkUpdates.length > 0);
    expect(agent.actor.frameworkUpdates.at(-1)).toMatchObject({
      pid: next.actor.self.toString(),
      framework_info: { name: 'renamed', webui_url: 'http://new' },
    });
  });

  test('that asks again, for its answer was lost, is not told to have failed over [65ab02f]', async () => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.scheduler({ info: CHECKPOINT_AND_FAILOVER });
    const info = { ...CHECKPOINT_AND_FAILOVER, id: { value: actor.frameworkId ?? '' } };
    const next = await cluster.unsubscribedScheduler({ info });
    next.actor.subscribe({ force: true });
    await cluster.until(() => next.actor.registrations.length > 0);
    next.actor.subscribe({ force: true });
    await cluster.until(() => next.actor.registrations.length === 2);
    expect(next.actor.errors).toEqual([]);
  });

  test('keeps the framework from one that asked again before it heard, until that one is gone', async () => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.scheduler({ info: CHECKPOINT_AND_FAILOVER });
    const info = { ...CHECKPOINT_AND_FAILOVER, id: { value: actor.frameworkId ?? '' } };
    const second = await cluster.unsubscribedScheduler({ info });
    const third = await cluster.unsubscribedScheduler({ info });
    second.actor.subscribe({ force: true });
    await cluster.until(() => second.actor.registrations.length > 0);
    third.actor.subscribe({ force: true });
    await cluster.until(() => third.actor.registrations.length > 0);
    // As if it had not heard yet: it does not give up.
    second.actor.subscribe({ force: true });
    await cluster.until(() => second.actor.errors.length === 2);
    expect(second.actor.errors).toEqual(['Framework failed over', 'Framework failed over']);
    expect([third.actor.registrations.length, third.actor.errors]).toEqual([1, []]);
    // A scheduler that is started again may have the address of a former one.
    cluster.breakLinks(second);
    await cluster.sim.advance(1_000);
    second.actor.subscribe({ force: true });
    await cluster.until(() => third.actor.errors.length > 0);
    expect(third.actor.errors).toEqual(['Framework failed over']);
  });

  test('that does not insist is refused', async () => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.scheduler({ info: CHECKPOINT_AND_FAILOVER });
    const info = { ...CHECKPOINT_AND_FAILOVER, id: { value: actor.frameworkId ?? '' } };
    const next = await cluster.unsubscribedScheduler({ info });
    next.actor.subscribe();
    await cluster.until(() => next.actor.errors.length > 0);
    expect(next.actor.errors).toEqual(['Framework failed over']);
    expect(actor.errors).toEqual([]);
  });

  test('of another principal is refused', async () => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.scheduler({
      info: { ...CHECKPOINT_AND_FAILOVER, principal: 'a' },
    });
    const info = {
      ...CHECKPOINT_AND_FAILOVER,
      principal: 'b',
      id: { value: actor.frameworkId ?? '' },
    };
    const next = await cluster.unsubscribedScheduler({ info });
    next.actor.subscribe({ force: true });
    await cluster.until(() => next.actor.errors.length > 0);
    expect(actor.errors).toEqual([]);
  });

  test('gets the updates that the agent repeats [72d3926]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({ info: CHECKPOINT_AND_FAILOVER });
    scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    cluster.kill(scheduler);
    await cluster.sim.advance(1_000);
    agent.actor.update('t', 'TASK_RUNNING');
    const info = { ...CHECKPOINT_AND_FAILOVER, id: { value: scheduler.actor.frameworkId ?? '' } };
    const next = await cluster.unsubscribedScheduler({ info });
    next.actor.subscribe({ force: true });
    await cluster.until(() => next.actor.registrations.length > 0);
    agent.actor.update('t', 'TASK_RUNNING');
    await cluster.until(() => next.actor.updates.length > 0);
  });

  test('that comes after the failover timeout is told that the framework is over [ab11d73]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({ info: CHECKPOINT_AND_FAILOVER });
    cluster.kill(scheduler);
    await cluster.sim.advance(59_000);
    expect(agent.actor.frameworkShutdowns).toEqual([]);
    await cluster.sim.advance(2_000);
    expect(agent.actor.frameworkShutdowns).toEqual([scheduler.actor.frameworkId]);
    const info = { ...CHECKPOINT_AND_FAILOVER, id: { value: scheduler.actor.frameworkId ?? '' } };
    const next = await cluster.unsubscribedScheduler({ info });
    next.actor.subscribe({ force: true });
    await cluster.until(() => next.actor.errors.length > 0);
    expect(next.actor.errors).toEqual(['Framework has been removed']);
  });
});

describe('the end of a framework', () => {
  test('ends its executors and frees its resources [0d1e210]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    scheduler.actor.launch([executorTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    scheduler.actor.call({ type: 'TEARDOWN' });
    await cluster.until(() => agent.actor.frameworkShutdowns.length > 0);
    const next = await cluster.scheduler();
    await cluster.until(() => next.actor.offers.length > 0);
    expect(next.actor.offers[0]?.resources).toEqual(scheduler.actor.offers[0]?.resources);
  });

  test('follows the loss of a scheduler at once, unless it asked for time', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    cluster.kill(scheduler);
    await cluster.until(() => agent.actor.frameworkShutdowns.length > 0, 1_000);
  });

  test('does not come while its scheduler has only stopped taking offers', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    scheduler.actor.deactivate();
    await cluster.until(() => scheduler.actor.rescinded.length > 0);
    await cluster.sim.advance(60_000);
    expect(scheduler.actor.offers).toHaveLength(1);
    expect(agent.actor.frameworkShutdowns).toEqual([]);
  });
});

describe('an update of a framework', () => {
  test('changes its roles and is told to its agents', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({ info: { roles: ['dev'] } });
    const framework_info = { ...scheduler.actor.info, roles: ['qa'] };
    scheduler.actor.call({ type: 'UPDATE_FRAMEWORK', update_framework: { framework_info } });
    await cluster.until(() => agent.actor.frameworkUpdates.length > 0);
    scheduler.actor.decline(undefined, { refuse_seconds: 0 });
    await cluster.until(() => scheduler.actor.offers.length === 2);
    expect(scheduler.actor.offers[1]?.allocation_info?.role).toBe('qa');
  });

  test('of what is fixed for life is an error', async () => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.scheduler();
    const framework_info = { ...actor.info, checkpoint: true };
    actor.call({ type: 'UPDATE_FRAMEWORK', update_framework: { framework_info } });
    await cluster.until(() => actor.errors.length > 0);
  });
});
