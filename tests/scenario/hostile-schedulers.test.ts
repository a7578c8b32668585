import { describe, expect, test } from '@jest/globals';
import { PARTS_MAX, RESOURCES_MAX } from '../../common/resource-validation.ts';
import { ROLE_LENGTH_MAX } from '../../common/validation.ts';
import type { FrameworkInfo, Resource, scheduler, TaskInfo } from '../../proto/index.ts';
import { commandTask, executorTask, MasterCluster } from '../support/master-cluster.ts';

// What a scheduler may say, however odd, hurts nobody but itself.

const scalar = (name: string, value: number): Resource => ({
  name,
  type: 'SCALAR',
  scalar: { value },
});
const ports = (...range: { readonly begin: number; readonly end: number }[]): Resource => ({
  name: 'ports',
  type: 'RANGES',
  ranges: { range },
});
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** The master goes on serving: another scheduler is offered what is free, and can use it. */
async function expectServing(cluster: MasterCluster): Promise<void> {
  const { actor } = await cluster.scheduler();
  await cluster.agent();
  await cluster.agent();
  await cluster.until(() => actor.offers.length > 0);
  actor.launch([commandTask('bystander', actor.offers.at(-1)?.slave_id.value)]);
  await cluster.sim.advance(1_000);
  expect(actor.updates).toEqual([]);
  expect(cluster.failures).toEqual([]);
  expect(cluster.node.counters.faults).toBe(0);
}

describe('a subscription that is refused leaves nothing behind', () => {
  const refused: readonly (readonly [string, Partial<FrameworkInfo>])[] = [
    ['a failover timeout that is no number', { failover_timeout: NaN }],
    ['a negative failover timeout', { failover_timeout: -1 }],
    ['a failover timeout beyond all durations', { failover_timeout: 1e300 }],
    ['an endless failover timeout', { failover_timeout: Infinity }],
    ['an id with a slash', { id: { value: '../../etc' } }],
    ['an id longer than a file name', { id: { value: 'x'.repeat(300) } }],
    ['a role twice', { roles: ['a', 'a'] }],
    ['a role above itself', { roles: ['a/../b'] }],
    ['a role as deep as it can be sent', { roles: [`${'a/'.repeat(100_000)}a`] }],
    ['a role longer than any', { roles: ['a'.repeat(ROLE_LENGTH_MAX + 1)] }],
    ['more roles than any framework has', { roles: many(10_001, (index) => `r${index}`) }],
  ];
  test.each(refused)('%s', async (_what, info) => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.unsubscribedScheduler({ info });
    actor.subscribe();
    await cluster.until(() => actor.errors.length > 0);
    expect(actor.errors.join().length).toBeLessThan(1_000);
    expect(actor.registrations).toEqual([]);
    await expectServing(cluster);
  });
});

const { executor } = executorTask('other', 'agent');
const executorAlso: Partial<TaskInfo> = executor ? { executor } : {};

describe('a task that asks for the impossible is answered with TASK_ERROR', () => {
  const wrong: readonly (readonly [string, Partial<TaskInfo>])[] = [
    ...[NaN, -1, 1e308, Infinity, -Infinity].map(
      (value) => [`${value} cpus`, { resources: [scalar('cpus', value)] }] as const,
    ),
    ['a range that ends before it begins', { resources: [ports({ begin: 9, end: 1 })] }],
    [
      'ranges that overlap',
      { resources: [ports({ begin: 31_000, end: 31_009 }, { begin: 31_005, end: 31_020 })] },
    ],
    [
      'more ranges than any resource has',
      { resources: [ports(...many(PARTS_MAX + 1, (at) => ({ begin: 3 * at, end: 3 * at })))] },
    ],
    [
      'more items than any set has',
      { resources: [{ name: 'zones', type: 'SET', set: { item: many(PARTS_MAX + 1, String) } }] },
    ],
    [
      'more resources than anything has',
      { resources: many(RESOURCES_MAX + 1, (index) => scalar(`r${index}`, 1)) },
    ],
    ['a resource of many names', { resources: many(4_000, (index) => scalar(`r${index}`, 1)) }],
    ['a resource called __proto__', { resources: [scalar('__proto__', 1)] }],
    [
      'an allocation to a role that is none',
      { resources: [{ ...scalar('cpus', 1), allocation_info: { role: 'a//b' } }] },
    ],
    [
      "another role's reservation",
      { resources: [{ ...scalar('cpus', 1), reservations: [{ type: 'STATIC', role: 'x' }] }] },
    ],
    [
      'revocable resources nobody offered',
      { resources: [{ ...scalar('cpus', 1), revocable: {} }] },
    ],
    ['a limit that is no number', { limits: { cpus: { value: NaN } } }],
    ['a limit of nothing known', { limits: { ['__proto__']: { value: 1 } } }],
    ...['a/b', '..', '', 'x'.repeat(300), 'a\u0000b', 'a\nb'].map(
      (id) => [`the id ${JSON.stringify(id.slice(0, 9))}`, { task_id: { value: id } }] as const,
    ),
    ['another agent', { slave_id: { value: 'another' } }],
    ['a command and an executor', executorAlso],
    ['no resources', { resources: [] }],
  ];
  test.each(wrong)('%s', async (_what, part) => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    scheduler.actor.launch([{ ...commandTask('task', agent.actor.agentId), ...part }]);
    await cluster.until(() => scheduler.actor.updates.length > 0);
    expect(scheduler.actor.statuses.map(({ state }) => state)).toEqual(['TASK_ERROR']);
    expect(agent.actor.runs).toEqual([]);
    expect(Object.keys(Object.prototype)).toEqual([]);
    await expectServing(cluster);
  });
});

describe('calls that make no sense', () => {
  test('an accept of the same offer twice uses it for nothing', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    const [offer] = scheduler.actor.offers;
    if (!offer) throw new Error('It was offered something');
    scheduler.actor.launch([commandTask('task', agent.actor.agentId)], [offer, offer]);
    await cluster.until(() => scheduler.actor.updates.length > 0);
    expect(scheduler.actor.statesOf('task')).toEqual(['TASK_LOST']);
    expect(agent.actor.runs).toEqual([]);
    await expectServing(cluster);
  });

  test('tens of thousands of operations in one accept are as good as none', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler } = await cluster.pair();
    scheduler.actor.call({
      type: 'ACCEPT',
      accept: {
        offer_ids: scheduler.actor.offers.map(({ id }) => id),
        operations: many(20_000, (at) => (at % 2 === 0 ? { type: 'LAUNCH' } : { type: 'RESERVE' })),
      },
    });
    await expectServing(cluster);
  });

  test.each([NaN, -1, -Infinity])(
    'refusing an offer for %d seconds refuses it for the default time',
    async (refuse_seconds) => {
      const cluster = await MasterCluster.start();
      const { scheduler } = await cluster.pair();
      scheduler.actor.decline(undefined, { refuse_seconds });
      await cluster.until(() => scheduler.actor.offers.length > 1, 10_000);
      await expectServing(cluster);
    },
  );

  test('naming offers, roles and tasks that are not there changes nothing', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler } = await cluster.pair();
    const ids = many(5_000, (index) => ({ value: `no-${index}` }));
    scheduler.actor.call({ type: 'DECLINE', decline: { offer_ids: ids } });
    scheduler.actor.call({ type: 'REVIVE', revive: { roles: ids.map(({ value }) => value) } });
    scheduler.actor.call({ type: 'SUPPRESS', suppress: { roles: ids.map(({ value }) => value) } });
    scheduler.actor.reconcile(ids.map((task_id) => ({ task_id })));
    await cluster.until(() => scheduler.actor.updates.length === ids.length);
    expect(new Set(scheduler.actor.statuses.map(({ state }) => state))).toEqual(
      new Set(['TASK_LOST']),
    );
    await expectServing(cluster);
  });
});

describe('whoever is not the scheduler of a framework', () => {
  const calls: readonly (readonly [string, (of: Victim) => scheduler.Call])[] = [
    ['tear it down', () => ({ type: 'TEARDOWN' })],
    ['kill its tasks', ({ task }) => ({ type: 'KILL', kill: { task_id: { value: task } } })],
    [
      'take its offers',
      ({ offers, agent }) => ({
        type: 'ACCEPT',
        accept: {
          offer_ids: offers,
          operations: [{ type: 'LAUNCH', launch: { task_infos: [commandTask('theft', agent)] } }],
        },
      }),
    ],
    ['decline its offers', ({ offers }) => ({ type: 'DECLINE', decline: { offer_ids: offers } })],
    ['silence it', () => ({ type: 'SUPPRESS' })],
    [
      'acknowledge its updates',
      ({ task, agent }) => ({
        type: 'ACKNOWLEDGE',
        acknowledge: {
          task_id: { value: task },
          slave_id: { value: agent },
          uuid: new Uint8Array(16).fill(1),
        },
      }),
    ],
    [
      'shut its executors down',
      ({ agent }) => ({
        type: 'SHUTDOWN',
        shutdown: { executor_id: { value: 'executor-1' }, slave_id: { value: agent } },
      }),
    ],
  ];

  interface Victim {
    readonly task: string;
    readonly agent: string;
    readonly offers: readonly { readonly value: string }[];
  }

  test.each(calls)('cannot %s, neither in its name nor in its own', async (_what, call) => {
    const cluster = await MasterCluster.start();
    const { scheduler: owner, agent } = await cluster.pair();
    owner.actor.launch([commandTask('task', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length === 1);
    await cluster.until(() => owner.actor.offers.length > 1);
    const victim = {
      task: 'task',
      agent: agent.actor.agentId ?? '',
      offers: owner.actor.offers.slice(-1).map(({ id }) => id),
    };
    const thief = await cluster.scheduler();
    thief.actor.call(call(victim));
    thief.actor.call({ ...call(victim), framework_id: { value: owner.actor.frameworkId ?? '' } });
    await cluster.sim.advance(100);
    expect(agent.actor.kills).toEqual([]);
    expect(
      agent.actor.executorShutdowns.filter(
        ({ framework_id }) => framework_id?.value === owner.actor.frameworkId,
      ),
    ).toEqual([]);
    expect(
      agent.actor.acknowledgements.filter(
        ({ framework_id }) => framework_id.value === owner.actor.frameworkId,
      ),
    ).toEqual([]);
    expect(agent.actor.frameworkShutdowns).not.toContain(owner.actor.frameworkId);
    expect(owner.actor.rescinded).toEqual([]);
    owner.actor.launch([commandTask('next', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length === 2);
    expect(agent.actor.runs.at(-1)?.task.task_id.value).toBe('next');
  });
});

test('all frameworks that claim one scheduler are disconnected with it', async () => {
  const cluster = await MasterCluster.start();
  const liar = await cluster.unsubscribedScheduler();
  for (const id of ['one', 'two', 'three']) {
    liar.actor.frameworkId = id;
    liar.actor.subscribe();
  }
  await cluster.until(() => liar.actor.registrations.length === 3);
  cluster.kill(liar);
  await cluster.sim.advance(1_000);
  const metrics = await cluster.sim.complete(cluster.node.metrics.snapshot());
  expect(metrics.get('master/frameworks_connected')).toBe(0);
  await expectServing(cluster);
});

test('roles that a framework is not in are not kept as suppressed', async () => {
  const cluster = await MasterCluster.start();
  const { actor } = await cluster.unsubscribedScheduler();
  actor.subscribe({ suppressed_roles: many(1_000, (index) => `r${index}`) });
  await cluster.until(() => actor.registrations.length === 1);
  const answer = await cluster.sim.complete(
    cluster.node.http({
      method: 'GET',
      path: '/frameworks',
      query: {},
      headers: {},
      body: new Uint8Array(0),
      remoteAddress: '10.0.0.9:1',
    }),
  );
  expect(Buffer.from(answer.body as Uint8Array).toString()).not.toContain('r999');
});
