import { describe, expect, test } from '@jest/globals';
import type { Task, TaskState } from '../../proto/index.ts';
import type { FakeAgent } from '../support/fake-agent.ts';
import type { FakeScheduler } from '../support/fake-scheduler.ts';
import { commandTask, MasterCluster, runningTask, type Member } from '../support/master-cluster.ts';

const CHECKPOINT_AND_FAILOVER = { checkpoint: true, failover_timeout: 60 };

interface FailedOver {
  readonly cluster: MasterCluster;
  readonly scheduler: Member<FakeScheduler>;
  readonly agent: Member<FakeAgent>;
}

/** A cluster whose master has just been replaced while the task `t` ran. */
async function failedOver(failover_timeout = 60): Promise<FailedOver> {
  const cluster = await MasterCluster.start();
  const { scheduler, agent } = await cluster.pair({
    info: { ...CHECKPOINT_AND_FAILOVER, failover_timeout },
    capabilities: ['MULTI_ROLE', 'PARTITION_AWARE'],
  });
  scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
  await cluster.until(() => agent.actor.runs.length > 0);
  agent.actor.update('t', 'TASK_RUNNING');
  await cluster.until(() => scheduler.actor.updates.length > 0);
  scheduler.actor.acknowledge();
  await cluster.until(() => agent.actor.acknowledgements.length > 0);
  await cluster.failOver();
  return { cluster, scheduler, agent };
}

/** The agent comes to the new master with what it runs. */
async function agentReturns({ cluster, agent }: FailedOver): Promise<void> {
  const info = agent.actor.runs[0]?.framework;
  agent.actor.reregister({
    tasks: [runningTask(agent.actor.runs[0])],
    frameworks: info ? [info] : [],
  });
  await cluster.until(() => agent.actor.reregistrations.length > 0);
}

describe('a new master', () => {
  test('registers a framework of the one before under its id [c24bbab] [c36a946]', async () => {
    const { cluster, scheduler } = await failedOver();
    const id = scheduler.actor.frameworkId;
    scheduler.actor.subscribe({
      framework_info: { ...scheduler.actor.info, name: 'renamed' },
    });
    await cluster.until(() => scheduler.actor.registrations.length === 2);
    expect(scheduler.actor.frameworkId).toBe(id);
    expect(scheduler.actor.registrations[1]?.id).not.toBe(scheduler.actor.registrations[0]?.id);
  });

  test('takes agents back with their tasks, and says nothing of it to frameworks [83b21fc]', async () => {
    const story = await failedOver();
    const { cluster, scheduler, agent } = story;
    scheduler.actor.subscribe();
    await cluster.until(() => scheduler.actor.registrations.length === 2);
    await agentReturns(story);
    await cluster.until(() => scheduler.actor.offers.length > 1);
    const cpus = scheduler.actor.offers.at(-1)?.resources?.find(({ name }) => name === 'cpus');
    expect(cpus?.scalar?.value).toBe(3);
    await cluster.sim.advance(700_000);
    expect(scheduler.actor.statesOf('t')).toEqual(['TASK_RUNNING']);
    expect(scheduler.actor.lostAgents).toEqual([]);
    expect(agent.actor.frameworkUpdates.at(-1)?.pid).toBe(scheduler.actor.self.toString());
    scheduler.actor.reconcile();
    await cluster.until(() => scheduler.actor.statesOf('t').length === 2);
  });

  test('knows the task that runs, of two agents with one of its id (seed 700000684)', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({ info: CHECKPOINT_AND_FAILOVER });
    const other = await cluster.agent();
    const task = (on: Member<FakeAgent>, state: TaskState): Task => {
      const framework = { user: '', name: '', id: { value: scheduler.actor.frameworkId ?? '' } };
      return runningTask({ framework, task: commandTask('t', on.actor.agentId) }, state);
    };
    await cluster.failOver();
    scheduler.actor.subscribe();
    await cluster.until(() => scheduler.actor.registrations.length === 2);
    // The former one has ended, and nobody has acknowledged that.
    agent.actor.reregister({ tasks: [task(agent, 'TASK_KILLED')] });
    await cluster.until(() => agent.actor.reregistrations.length > 0);
    other.actor.reregister({ tasks: [task(other, 'TASK_RUNNING')] });
    await cluster.until(() => other.actor.reregistrations.length > 0);
    const statuses = scheduler.actor.statuses.length;
    scheduler.actor.reconcile();
    await cluster.until(() => scheduler.actor.statuses.length > statuses);
    expect(scheduler.actor.statuses.at(-1)).toMatchObject({
      state: 'TASK_RUNNING',
      slave_id: { value: other.actor.agentId },
    });
  });

  test('knows a framework from its agents, and tells them when its scheduler comes', async () => {
    const story = await failedOver();
    const { cluster, scheduler, agent } = story;
    await agentReturns(story);
    expect(agent.actor.frameworkUpdates).toEqual([]);
    scheduler.actor.subscribe();
    await cluster.until(() => scheduler.actor.registrations.length === 2);
    await cluster.until(() => agent.actor.frameworkUpdates.length > 0);
    expect(agent.actor.frameworkShutdowns).toEqual([]);
    scheduler.actor.kill('t');
    await cluster.until(() => agent.actor.kills.length > 0);
  });

  test('ends what runs for a framework whose scheduler never comes', async () => {
    const story = await failedOver(1_200);
    const { cluster, scheduler, agent } = story;
    await agentReturns(story);
    await cluster.sim.advance(1_199_000);
    expect(agent.actor.frameworkShutdowns).toEqual([]);
    await cluster.sim.advance(2_000);
    expect(agent.actor.frameworkShutdowns).toEqual([scheduler.actor.frameworkId]);
  });

  test('gives a scheduler without failover timeout the time that agents are given', async () => {
    const story = await failedOver(0);
    const { cluster, agent } = story;
    await agentReturns(story);
    await cluster.sim.advance(599_000);
    expect(agent.actor.frameworkShutdowns).toEqual([]);
    await cluster.sim.advance(2_000);
    expect(agent.actor.frameworkShutdowns).toHaveLength(1);
  });

  test('marks agents that do not come back, and answers who asks for their tasks [1171596]', async () => {
    const { cluster, scheduler, agent } = await failedOver();
    scheduler.actor.subscribe();
    await cluster.until(() => scheduler.actor.registrations.length === 2);
    await cluster.sim.advance(601_000);
    expect(scheduler.actor.lostAgents).toEqual([agent.actor.agentId]);
    expect(scheduler.actor.statesOf('t')).toEqual(['TASK_RUNNING']);
    const slave_id = { value: agent.actor.agentId ?? '' };
    scheduler.actor.reconcile([{ task_id: { value: 't' }, slave_id }]);
    await cluster.until(() => scheduler.actor.statesOf('t').length === 2);
    expect(scheduler.actor.statesOf('t').at(-1)).toBe('TASK_UNREACHABLE');
  });

  test('ignores an agent while it marks it, and takes it when that is done [630bec2]', async () => {
    const story = await failedOver();
    const { cluster, agent } = story;
    cluster.registry.hold();
    await cluster.sim.advance(601_000);
    agent.actor.reregister();
    await cluster.sim.advance(1_000);
    expect(agent.actor.reregistrations).toEqual([]);
    cluster.registry.release();
    await cluster.sim.advance(1_000);
    expect(agent.actor.reregistrations).toEqual([]);
    await agentReturns(story);
    expect(cluster.registry.unreachable.size).toBe(0);
  });

  test('does not mark an agent whose return is being written [c744f17] [3dc237d]', async () => {
    const { cluster, agent } = await failedOver();
    cluster.kill(agent);
    await cluster.sim.advance(590_000);
    const back = await cluster.restartAgent(agent, { resources: 'cpus:8;mem:1024' });
    cluster.registry.hold();
    back.actor.reregister();
    await cluster.sim.advance(20_000);
    cluster.registry.release();
    await cluster.until(() => back.actor.reregistrations.length > 0);
    await cluster.sim.advance(10_000);
    expect(cluster.registry.unreachable.size).toBe(0);
    expect(cluster.registry.admitted.size).toBe(1);
  });

  test('gives up when more agents are missing than is allowed', async () => {
    const cluster = await MasterCluster.start({ recoveryAgentRemovalLimit: 0.5 });
    await cluster.agent();
    await cluster.failOver();
    await cluster.sim.advance(601_000);
    expect(cluster.failures).toHaveLength(1);
    expect(cluster.registry.unreachable.size).toBe(0);
  });

  test('does not know the offers of the one before', async () => {
    const story = await failedOver();
    const { cluster, scheduler, agent } = story;
    scheduler.actor.subscribe();
    await cluster.until(() => scheduler.actor.registrations.length === 2);
    await agentReturns(story);
    scheduler.actor.launch(
      [commandTask('u', agent.actor.agentId)],
      scheduler.actor.offers.slice(0, 1),
    );
    await cluster.until(() => scheduler.actor.statesOf('u').length > 0);
    expect(scheduler.actor.statesOf('u')).toEqual(['TASK_DROPPED']);
  });

  test('forgets unreachable agents that are too many [27cbeef] [0c40adb]', async () => {
    const cluster = await MasterCluster.start({ registryMaxAgentCount: 1 });
    const first = await cluster.agent();
    const second = await cluster.agent();
    first.actor.answering = false;
    await cluster.sim.advance(90_000);
    second.actor.answering = false;
    await cluster.sim.advance(90_000);
    expect(cluster.registry.unreachable.size).toBe(2);
    await cluster.sim.advance(900_000);
    expect([...cluster.registry.unreachable.keys()]).toEqual([second.actor.agentId]);
  });

  test('forgets agents that have been unreachable for long [473feae]', async () => {
    const cluster = await MasterCluster.start({ registryMaxAgentAgeMs: 3_600_000 });
    const agent = await cluster.agent();
    agent.actor.answering = false;
    await cluster.sim.advance(3_500_000);
    expect(cluster.registry.unreachable.size).toBe(1);
    await cluster.sim.advance(1_200_000);
    expect(cluster.registry.unreachable.size).toBe(0);
  });
});
