import { describe, expect, test } from '@jest/globals';
import { PARTS_MAX, RESOURCES_MAX } from '../../common/resource-validation.ts';
import type { FrameworkInfo, Resource, SlaveInfo, Task } from '../../proto/index.ts';
import { commandTask, MasterCluster, runningTask } from '../support/master-cluster.ts';

// What an agent may say, however odd, hurts neither the master nor other agents.

const scalar = (name: string, value: number, role?: string): Resource => ({
  name,
  type: 'SCALAR',
  scalar: { value },
  ...(role !== undefined && { allocation_info: { role } }),
});
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** The master goes on serving: an agent may come, and is put to use. */
async function expectServing(cluster: MasterCluster): Promise<void> {
  const { actor } = await cluster.scheduler();
  const agent = await cluster.agent();
  const offerOfIt = () =>
    actor.offers.filter(({ slave_id }) => slave_id.value === agent.actor.agentId);
  await cluster.until(() => offerOfIt().length > 0);
  actor.launch([commandTask('bystander', agent.actor.agentId)], offerOfIt());
  await cluster.until(() => agent.actor.runs.length === 1);
  expect(cluster.failures).toEqual([]);
  expect(cluster.node.counters.faults).toBe(0);
}

describe('an agent is not let in', () => {
  const wrong: readonly (readonly [string, Partial<SlaveInfo>])[] = [
    ...[NaN, -1, 1e308, Infinity].map(
      (value) => [`with ${value} cpus`, { resources: [scalar('cpus', value)] }] as const,
    ),
    ['with a hostname longer than any', { hostname: 'x'.repeat(1_000_000) }],
    [
      'with more resources than any',
      { resources: many(RESOURCES_MAX + 1, (at) => scalar(`r${at}`, 1)) },
    ],
    [
      'with more ranges than any',
      {
        resources: [
          {
            name: 'ports',
            type: 'RANGES',
            ranges: { range: many(PARTS_MAX + 1, (at) => ({ begin: 3 * at, end: 3 * at })) },
          },
        ],
      },
    ],
    [
      'that describes itself at length',
      {
        attributes: many(20_000, (at) => ({
          name: `attribute-${at}`,
          type: 'TEXT' as const,
          text: { value: 'x' },
        })),
      },
    ],
    ['with an id that is a path', { id: { value: '../../etc' } }],
  ];
  test.each(wrong)('%s', async (_what, info) => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.unregisteredAgent();
    actor.register(info);
    await cluster.sim.advance(1_000);
    expect(actor.registrations).toEqual([]);
    await expectServing(cluster);
  });
});

describe('an agent that comes back with nonsense is not heard', () => {
  const task = (part: Partial<Task>): Task => ({
    name: 'task',
    task_id: { value: 'task' },
    framework_id: { value: 'framework' },
    slave_id: { value: '' },
    state: 'TASK_RUNNING',
    resources: [scalar('cpus', 1, '*')],
    ...part,
  });
  const wrong: readonly (readonly [string, Partial<Task>])[] = [
    ...['', '/', '.', 'a/.', 'a//b', '*/a', `${'a/'.repeat(50_000)}a`].map(
      (role) =>
        [
          `a task of the role '${role.slice(0, 9)}'`,
          { resources: [scalar('cpus', 1, role)] },
        ] as const,
    ),
    ['a task with NaN cpus', { resources: [scalar('cpus', NaN)] }],
    ['a task with a path for an id', { task_id: { value: '../task' } }],
    ['a task of a framework with a path for an id', { framework_id: { value: 'a/b' } }],
    ['a task of another agent', { slave_id: { value: 'another' } }],
  ];
  test.each(wrong)('%s', async (_what, part) => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.agent();
    actor.reregister({ tasks: [task({ slave_id: { value: actor.agentId ?? '' }, ...part })] });
    await cluster.sim.advance(1_000);
    expect(actor.reregistrations).toEqual([]);
    await expectServing(cluster);
  });

  const executors: readonly (readonly [string, string, Resource])[] = [
    ['with NaN cpus', 'framework', scalar('cpus', NaN)],
    ['of a framework with a path for an id', '../framework', scalar('cpus', 1)],
    ['of a role that is none', 'framework', scalar('cpus', 1, 'a/../b')],
  ];
  test.each(executors)('an executor %s', async (_what, framework, resource) => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.agent();
    const executor_id = { value: 'executor' };
    const framework_id = { value: framework };
    actor.reregister({ executor_infos: [{ executor_id, framework_id, resources: [resource] }] });
    await cluster.sim.advance(1_000);
    expect(actor.reregistrations).toEqual([]);
    await expectServing(cluster);
  });

  const frameworks: readonly (readonly [string, Partial<FrameworkInfo>])[] = [
    ['that lives for NaN seconds', { failover_timeout: NaN }],
    ['with a path for an id', { id: { value: '../framework' } }],
    ['of roles that are none', { roles: ['a//b', ''], capabilities: [{ type: 'MULTI_ROLE' }] }],
    ['of one role twice', { roles: ['a', 'a'], capabilities: [{ type: 'MULTI_ROLE' }] }],
  ];
  test.each(frameworks)('of a framework %s: it is left out', async (_what, part) => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.agent();
    const info = { name: 'told', user: 'root', id: { value: 'told' }, ...part };
    actor.reregister({ frameworks: [info] });
    await cluster.until(() => actor.reregistrations.length > 0);
    const metrics = await cluster.sim.complete(cluster.node.metrics.snapshot());
    expect(metrics.get('master/frameworks_disconnected')).toBe(0);
    await expectServing(cluster);
  });
});

describe('an agent cannot speak for another one', () => {
  async function twoAgents() {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    scheduler.actor.launch([commandTask('task', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length === 1);
    const thief = await cluster.agent();
    const own = thief.actor.agentId;
    thief.actor.agentId = agent.actor.agentId;
    return { cluster, scheduler, agent, thief, own };
  }

  test('to end its tasks', async () => {
    const { cluster, scheduler, thief } = await twoAgents();
    thief.actor.update('task', 'TASK_FINISHED', { frameworkId: scheduler.actor.frameworkId ?? '' });
    await cluster.sim.advance(1_000);
    expect(scheduler.actor.updates).toEqual([]);
    await expectServing(cluster);
  });

  test('to end its tasks, with a status that names it', async () => {
    const { cluster, scheduler, agent, thief, own } = await twoAgents();
    thief.actor.agentId = own;
    thief.actor.update('task', 'TASK_FINISHED', {
      frameworkId: scheduler.actor.frameworkId ?? '',
      status: { slave_id: { value: agent.actor.agentId ?? '' } },
    });
    await cluster.sim.advance(1_000);
    expect(scheduler.actor.updates).toEqual([]);
  });

  test('to end its executors', async () => {
    const { cluster, scheduler, thief } = await twoAgents();
    thief.actor.executorExited(scheduler.actor.frameworkId ?? '', 'task', 9);
    await cluster.sim.advance(1_000);
    expect(scheduler.actor.exitedExecutors).toEqual([]);
  });

  test('to speak to its schedulers', async () => {
    const { cluster, scheduler, thief } = await twoAgents();
    thief.actor.sendToFramework(scheduler.actor.frameworkId ?? '', 'task', new Uint8Array(3));
    await cluster.sim.advance(1_000);
    expect(scheduler.actor.messages).toEqual([]);
  });

  test('to unregister it', async () => {
    const { cluster, scheduler, thief } = await twoAgents();
    thief.actor.unregister();
    await cluster.sim.advance(1_000);
    expect(scheduler.actor.lostAgents).toEqual([]);
  });

  test('to take its place from another host', async () => {
    const { cluster, scheduler, agent, thief } = await twoAgents();
    thief.actor.reregister();
    await cluster.until(() => thief.actor.shutdowns.length > 0);
    expect(scheduler.actor.lostAgents).toEqual([]);
    scheduler.actor.kill('task');
    await cluster.until(() => agent.actor.kills.length === 1);
    expect(thief.actor.kills).toEqual([]);
  });
});

test('an agent that comes back by another name is not at its address by the former one any more', async () => {
  const cluster = await MasterCluster.start();
  const { scheduler, agent } = await cluster.pair();
  const former = agent.actor.agentId ?? '';
  agent.actor.agentId = 'another';
  agent.actor.reregister();
  await cluster.until(() => agent.actor.reregistrations.length === 1);
  await cluster.until(() => scheduler.actor.rescinded.length === 1);
  // Pings to that address are answered all the time: silence cannot be what ends the former one.
  await cluster.until(() => scheduler.actor.lostAgents.includes(former), 11 * 60_000);
  expect(agent.actor.reregistrations).toHaveLength(1);
  agent.actor.agentId = former;
  agent.actor.reregister();
  await cluster.until(() => agent.actor.reregistrations.length === 2);
  await expectServing(cluster);
});

test('an agent comes back with thousands of tasks that it has, or has not', async () => {
  const cluster = await MasterCluster.start();
  const { scheduler, agent } = await cluster.pair();
  scheduler.actor.launch([commandTask('task', agent.actor.agentId)]);
  await cluster.until(() => agent.actor.runs.length === 1);
  const [run] = agent.actor.runs;
  const tasks = many(2_000, (at) => ({
    ...runningTask(run),
    task_id: { value: `task-${at}` },
    resources: [scalar('cpus', 0.001, '*')],
  }));
  agent.actor.reregister({ tasks });
  agent.actor.reregister({ tasks: [] });
  await cluster.until(() => agent.actor.reregistrations.length === 2);
  expect(agent.actor.reregistrations[1]?.reconciliations?.[0]?.statuses).toHaveLength(2_001);
  await expectServing(cluster);
});
