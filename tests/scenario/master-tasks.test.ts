import { describe, expect, test } from '@jest/globals';
import {
  commandTask,
  executorTask,
  MasterCluster,
  type Member,
} from '../support/master-cluster.ts';
import type { FakeAgent } from '../support/fake-agent.ts';
import type { FakeScheduler } from '../support/fake-scheduler.ts';
import type { FrameworkInfoCapabilityType } from '../../proto/index.ts';

const AWARE: readonly FrameworkInfoCapabilityType[] = ['MULTI_ROLE', 'PARTITION_AWARE'];

interface Running {
  readonly cluster: MasterCluster;
  readonly scheduler: Member<FakeScheduler>;
  readonly agent: Member<FakeAgent>;
}

/** A cluster in which the task `t` runs. */
async function running(
  capabilities: readonly FrameworkInfoCapabilityType[] = ['MULTI_ROLE'],
): Promise<Running> {
  const cluster = await MasterCluster.start();
  const { scheduler, agent } = await cluster.pair({ capabilities });
  scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
  await cluster.until(() => agent.actor.runs.length > 0);
  agent.actor.update('t', 'TASK_RUNNING');
  await cluster.until(() => scheduler.actor.updates.length > 0);
  scheduler.actor.acknowledge();
  await cluster.until(() => agent.actor.acknowledgements.length > 0);
  return { cluster, scheduler, agent };
}

describe('a kill', () => {
  test('reaches the agent, and its update the framework [ff3edd7]', async () => {
    const { cluster, scheduler, agent } = await running();
    scheduler.actor.kill('t');
    await cluster.until(() => agent.actor.kills.length > 0);
    agent.actor.update('t', 'TASK_KILLED', { ordinal: 2 });
    await cluster.until(() => scheduler.actor.statesOf('t').includes('TASK_KILLED'));
  });

  test('of an unknown task is answered with its loss [7e6efd8] [0c5f22e]', async () => {
    const { cluster, scheduler } = await running();
    scheduler.actor.kill('nobody');
    await cluster.until(() => scheduler.actor.statesOf('nobody').length > 0);
    expect(scheduler.actor.statuses.at(-1)).toMatchObject({
      state: 'TASK_LOST',
      reason: 'REASON_RECONCILIATION',
      message: 'Reconciliation: Task is unknown',
    });
  });

  test('that names another agent is ignored', async () => {
    const { cluster, scheduler, agent } = await running();
    scheduler.actor.kill('t', 'elsewhere');
    await cluster.sim.advance(1_000);
    expect(agent.actor.kills).toEqual([]);
  });

  test('from an instance that was replaced is ignored [05184fb]', async () => {
    const { cluster, scheduler, agent } = await running();
    const id = { value: scheduler.actor.frameworkId ?? '' };
    const next = await cluster.unsubscribedScheduler({ info: { id } });
    next.actor.subscribe({ force: true });
    await cluster.until(() => next.actor.registrations.length > 0);
    scheduler.actor.kill('t');
    await cluster.sim.advance(1_000);
    expect(agent.actor.kills).toEqual([]);
  });

  test('that an absent agent missed is sent again when it is back with the task', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({ info: { checkpoint: true } });
    scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    cluster.kill(agent);
    await cluster.sim.advance(1_000);
    scheduler.actor.kill('t');
    await cluster.sim.advance(1_000);
    const back = await cluster.restartAgent(agent);
    back.actor.reregister({
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
    await cluster.until(() => back.actor.kills.length > 0);
    expect(back.actor.kills[0]?.task_id.value).toBe('t');
  });
});

describe('an update that an agent repeats', () => {
  test('of a task that is over says nothing of the next one of that id', async () => {
    const { cluster, scheduler, agent } = await running();
    agent.actor.update('t', 'TASK_FINISHED', { ordinal: 2 });
    await cluster.until(() => scheduler.actor.statesOf('t').includes('TASK_FINISHED'));
    scheduler.actor.acknowledge();
    await cluster.until(() => agent.actor.acknowledgements.length === 2);
    await cluster.until(() => scheduler.actor.offers.length === 2);
    scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length === 2);
    agent.actor.update('t', 'TASK_FINISHED', { ordinal: 2 });
    await cluster.until(() => scheduler.actor.statesOf('t').length === 3);
    scheduler.actor.acknowledge();
    await cluster.until(() => agent.actor.acknowledgements.length === 3);
    scheduler.actor.reconcile([{ task_id: { value: 't' } }]);
    await cluster.until(() => scheduler.actor.statesOf('t').length === 4);
    expect(scheduler.actor.statesOf('t').slice(1)).toEqual([
      'TASK_FINISHED',
      'TASK_FINISHED',
      'TASK_STAGING',
    ]);
  });
});

describe('explicit reconciliation', () => {
  test('of a known task repeats what the framework was told last [3b54484]', async () => {
    const { cluster, scheduler, agent } = await running();
    scheduler.actor.reconcile([{ task_id: { value: 't' } }]);
    await cluster.until(() => scheduler.actor.statesOf('t').length === 2);
    expect(scheduler.actor.statuses.at(-1)).toMatchObject({
      state: 'TASK_RUNNING',
      source: 'SOURCE_MASTER',
      reason: 'REASON_RECONCILIATION',
      message: 'Reconciliation: Latest task state',
      slave_id: { value: agent.actor.agentId },
    });
    expect(scheduler.actor.statuses.at(-1)).not.toHaveProperty('uuid');
    expect(scheduler.actor.statuses.at(-1)).not.toHaveProperty('executor_id');
  });

  test.each([
    [AWARE, 'TASK_UNKNOWN'],
    [['MULTI_ROLE'] as const, 'TASK_LOST'],
  ])('of a task on an unknown agent, for %j, says %s [8dd35f1]', async (capabilities, state) => {
    const { cluster, scheduler } = await running(capabilities);
    scheduler.actor.reconcile([{ task_id: { value: 'x' }, slave_id: { value: 'nowhere' } }]);
    await cluster.until(() => scheduler.actor.statesOf('x').length > 0);
    expect(scheduler.actor.statesOf('x')).toEqual([state]);
  });

  test('of an unknown task on a known agent says that it is gone [b43d21c]', async () => {
    const { cluster, scheduler, agent } = await running(AWARE);
    const slave_id = { value: agent.actor.agentId ?? '' };
    scheduler.actor.reconcile([{ task_id: { value: 'x' }, slave_id }]);
    await cluster.until(() => scheduler.actor.statesOf('x').length > 0);
    expect(scheduler.actor.statesOf('x')).toEqual(['TASK_GONE']);
  });

  test('of a task that ended and waits for its acknowledgement tells its end [702de87]', async () => {
    const { cluster, scheduler, agent } = await running();
    agent.actor.update('t', 'TASK_FINISHED', { ordinal: 2 });
    await cluster.until(() => scheduler.actor.statesOf('t').includes('TASK_FINISHED'));
    scheduler.actor.reconcile([{ task_id: { value: 't' } }]);
    await cluster.until(() => scheduler.actor.statesOf('t').length === 3);
    expect(scheduler.actor.statesOf('t').at(-1)).toBe('TASK_FINISHED');
  });

  test('of a task of an agent that is not back after an election stays silent [f5e414d]', async () => {
    const { cluster, scheduler, agent } = await running(AWARE);
    await cluster.failOver();
    scheduler.actor.subscribe();
    await cluster.until(() => scheduler.actor.registrations.length === 2);
    const told = scheduler.actor.updates.length;
    const slave_id = { value: agent.actor.agentId ?? '' };
    scheduler.actor.reconcile([{ task_id: { value: 't' }, slave_id }, { task_id: { value: 't' } }]);
    await cluster.sim.advance(5_000);
    expect(scheduler.actor.updates).toHaveLength(told);
  });
});

describe('implicit reconciliation', () => {
  test('tells the state of each task that lives [07398ac]', async () => {
    const { cluster, scheduler } = await running();
    scheduler.actor.reconcile();
    await cluster.until(() => scheduler.actor.statesOf('t').length === 2);
    expect(scheduler.actor.statuses.at(-1)?.reason).toBe('REASON_RECONCILIATION');
  });
});

describe('framework messages', () => {
  test('reach the other side byte for byte, both ways [09f6251]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    scheduler.actor.launch([executorTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    const [down, up] = [new Uint8Array([0, 255, 1]), new Uint8Array([9, 0])];
    const executor_id = { value: 'executor-1' };
    const slave_id = { value: agent.actor.agentId ?? '' };
    scheduler.actor.call({ type: 'MESSAGE', message: { slave_id, executor_id, data: down } });
    await cluster.until(() => agent.actor.messages.length > 0);
    expect([...(agent.actor.messages[0]?.data ?? [])]).toEqual([...down]);
    agent.actor.sendToFramework(scheduler.actor.frameworkId ?? '', 'executor-1', up);
    await cluster.until(() => scheduler.actor.messages.length > 0);
    expect([...(scheduler.actor.messages[0]?.data ?? [])]).toEqual([...up]);
  });

  test('of two executors are told apart [0a9a564]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    const { agentId } = agent.actor;
    scheduler.actor.launch([
      executorTask('a', agentId),
      executorTask('b', agentId, { executor_id: { value: 'executor-2' } }),
    ]);
    await cluster.until(() => agent.actor.runs.length === 2);
    expect(agent.actor.runs.map(({ launch_executor }) => launch_executor)).toEqual([true, true]);
  });
});
