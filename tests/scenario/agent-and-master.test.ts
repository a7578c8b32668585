import { describe, expect, test } from '@jest/globals';
import { ProtobufProcess } from '../../libprocess/protobuf-process.ts';
import { startNode } from '../../libprocess/start-node.ts';
import type { UPID } from '../../libprocess/upid.ts';
import {
  ReregisterSlaveMessage,
  type ReconcileTasksMessage,
  RunTaskMessage,
  SlaveRegisteredMessage,
  SlaveReregisteredMessage,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  ExitedExecutorMessage,
} from '../../proto/index.ts';
import { clusterState, masterOn } from '../../testing/cluster-state.ts';
import { Cluster } from '../../testing/cluster.ts';
import { LASTING, PARTITION_AWARE, nextOffer, reach, runningTask } from '../support/stories.ts';
import { taskOf } from '../../testing/test-scheduler.ts';

const data = (text: string): Uint8Array => new TextEncoder().encode(text);
const BY_HAND = { framework: LASTING, implicitAcknowledgements: false };

class Deposed extends ProtobufProcess {
  acknowledge(agent: UPID, message: StatusUpdateAcknowledgementMessage): void {
    this.send(agent, StatusUpdateAcknowledgementMessage, message);
  }
}

describe('the updates of an agent', () => {
  test('tell of one end, though the executor told two before an acknowledgement [64cf77c]', async () => {
    const cluster = await Cluster.start();
    const { scheduler } = await runningTask(cluster, {
      scheduler: BY_HAND,
      task: { executor: 'custom', data: data('twice') },
    });
    const [running] = scheduler.updates;
    if (running) scheduler.acknowledgeStatusUpdate(running);
    await reach(cluster, scheduler, { task: 'TASK_FINISHED' });
    await cluster.sim.advance(120_000);
    expect(scheduler.statesOf('task')).toEqual(['TASK_RUNNING', 'TASK_FINISHED']);
    const finished = scheduler.latest('task');
    if (finished) scheduler.acknowledgeStatusUpdate(finished);
    await cluster.sim.advance(600_000);
    expect(scheduler.statesOf('task')).toEqual(['TASK_RUNNING', 'TASK_FINISHED']);
  });

  test('end a task for good, though the master fails before the acknowledgement is on the disk', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster, {
      scheduler: BY_HAND,
      task: { executor: 'custom', data: data('finish:1') },
    });
    const [running] = scheduler.updates;
    if (running) scheduler.acknowledgeStatusUpdate(running);
    await reach(cluster, scheduler, { task: 'TASK_FINISHED' });
    agent.machine.disk.syncLatency = { minMs: 8_000, maxMs: 8_000 };
    const finished = scheduler.latest('task');
    if (finished) scheduler.acknowledgeStatusUpdate(finished);
    await cluster.sim.advance(1_000);
    const returns = cluster.mail.watch(SlaveReregisteredMessage);
    cluster.killMaster();
    await cluster.startMaster();
    await cluster.sim.until(() => returns.length > 0, 60_000);
    await cluster.sim.advance(60_000);
    const master = masterOn(cluster.masterNode);
    const { tasks } = master ? clusterState(master) : { tasks: undefined };
    expect(tasks).toEqual([]);
  });

  test('are repeated until the master that leads passes an acknowledgement on [f5f9c08]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster, {
      scheduler: BY_HAND,
      task: { executor: 'custom' },
    });
    const [running] = scheduler.updates;
    if (!running?.uuid) throw new Error('The update is to be acknowledged');
    const { runtime, machine } = cluster.sim.node();
    const node = await cluster.sim.complete(startNode({ runtime, ip: machine.ip, port: 5050 }));
    const deposed = new Deposed('master');
    node.spawn(deposed);
    const heard = cluster.mail.watch(StatusUpdateAcknowledgementMessage);
    deposed.acknowledge(agent.agent.pid, {
      slave_id: running.slave_id ?? { value: '' },
      framework_id: { value: scheduler.frameworkId ?? '' },
      task_id: running.task_id,
      uuid: running.uuid,
    });
    await cluster.sim.advance(1_000);
    expect(heard).toHaveLength(1);
    const before = scheduler.updates.length;
    await cluster.sim.advance(60_000);
    expect(scheduler.updates.length).toBeGreaterThan(before);
    expect(scheduler.latest('task')?.uuid).toEqual(running.uuid);
    scheduler.acknowledgeStatusUpdate(running);
    await cluster.sim.advance(1_000);
    const acknowledged = scheduler.updates.length;
    await cluster.sim.advance(600_000);
    expect(scheduler.updates).toHaveLength(acknowledged);
  });
});

describe('an agent that reregisters', () => {
  test('tells the state of a task, and what its framework was last told [dd81ee9]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster, {
      scheduler: BY_HAND,
      task: { executor: 'custom', data: data('finish:2') },
    });
    await cluster.sim.advance(4_000);
    const said = cluster.mail.watch(ReregisterSlaveMessage);
    agent.detector.appoint(cluster.master);
    await cluster.sim.until(() => said.length > 0, 60_000);
    expect(said[0]?.tasks).toMatchObject([
      {
        task_id: { value: 'task' },
        state: 'TASK_FINISHED',
        status_update_state: 'TASK_RUNNING',
        status_update_uuid: scheduler.updates[0]?.uuid,
      },
    ]);
  });

  test('with another master, elected while its id was being written, does not keep it waiting', async () => {
    const first = await Cluster.start();
    const second = await Cluster.start({ sim: first.sim, name: 'second-master' });
    const agent = await first.agent();
    const named = first.mail.watch(SlaveRegisteredMessage);
    await first.sim.until(() => named.length > 0, 60_000);
    const answered = first.mail.watch(SlaveReregisteredMessage);
    agent.detector.appoint(second.master);
    await first.sim.until(() => answered.length > 0, 5_000);
    expect(answered[0]?.slave_id).toEqual(named[0]?.slave_id);
  });

  test('does nothing under an id that is not on its disk yet, and then all that it was asked', async () => {
    const cluster = await Cluster.start();
    const { scheduler } = await cluster.scheduler({ framework: PARTITION_AWARE });
    const { disk } = (await cluster.agent()).machine;
    disk.syncLatency = { minMs: 8_000, maxMs: 8_000 };
    const made: string[] = [];
    disk.onOperation = ({ kind, path }) => {
      if (kind === 'directory' && path.startsWith('/var/lib/mesos/slaves/')) made.push(path);
    };
    const runs = cluster.mail.watch(RunTaskMessage);
    scheduler.launch(await nextOffer(cluster, scheduler), 'task');
    scheduler.killTask('task');
    await cluster.sim.until(() => runs.length > 0, 1_000);
    await cluster.sim.advance(1_000);
    expect([made, scheduler.statesOf('task')]).toEqual([[], []]);
    await reach(cluster, scheduler, { task: 'TASK_KILLED' });
  });

  test('tells of a task that had ended, when that update was lost [13d31d2]', async () => {
    const cluster = await Cluster.start();
    const updates = cluster.mail.withhold(StatusUpdateMessage, {
      when: ({ update }, { to }) => to.id === 'master' && update.status.state === 'TASK_FAILED',
    });
    const exits = cluster.mail.withhold(ExitedExecutorMessage, {
      when: (_, { to }) => to.id === 'master',
    });
    const agent = await cluster.agent();
    const { scheduler } = await cluster.scheduler({ framework: LASTING });
    const task = { executor: 'custom', cpus: 3.9, data: data('exit') };
    scheduler.launch(await nextOffer(cluster, scheduler), 'task', task);
    await cluster.sim.until(() => updates.bodies.length > 0 && exits.bodies.length > 0, 60_000);
    updates.stop();
    exits.stop();
    const said = cluster.mail.watch(ReregisterSlaveMessage);
    agent.detector.appoint(cluster.master);
    await cluster.sim.until(() => said.length > 0, 60_000);
    expect(said[0]?.tasks).toMatchObject([{ state: 'TASK_FAILED' }]);
    expect(said[0]?.executor_infos ?? []).toEqual([]);
    await reach(cluster, scheduler, { task: 'TASK_FAILED' });
    scheduler.offers.clear();
    const offer = await nextOffer(cluster, scheduler);
    expect(offer.resources?.find(({ name }) => name === 'cpus')?.scalar?.value).toBe(4);
  });

  test('while a task waits for its executor names it, and nobody calls it lost [a91f92d]', async () => {
    const cluster = await Cluster.start();
    const agent = await cluster.agent();
    const { scheduler } = await cluster.scheduler({ framework: LASTING });
    const offer = await nextOffer(cluster, scheduler);
    const task = taskOf(offer, 'task', { executor: 'silent' });
    const executor = task.executor && { ...task.executor, command: { value: 'sleep 1000' } };
    const runs = cluster.mail.watch(RunTaskMessage);
    scheduler.launchTasks(offer.id.value, [{ ...task, ...(executor && { executor }) }]);
    await cluster.sim.until(() => runs.length > 0, 60_000);
    const [said, answered] = [
      cluster.mail.watch(ReregisterSlaveMessage),
      cluster.mail.watch(SlaveReregisteredMessage),
    ];
    agent.detector.appoint(cluster.master);
    await cluster.sim.until(() => answered.length > 0, 30_000);
    expect(said[0]?.tasks).toMatchObject([{ task_id: { value: 'task' }, state: 'TASK_STAGING' }]);
    expect(answered[0]?.reconciliations ?? []).toEqual([]);
    await cluster.sim.advance(20_000);
    expect(scheduler.updates).toEqual([]);
  });

  test('while a launch passes it by on the way is asked, and loses nothing [f8bc46d]', async () => {
    const cluster = await Cluster.start();
    const agent = await cluster.agent();
    const { scheduler } = await cluster.scheduler({ framework: PARTITION_AWARE });
    const offer = await nextOffer(cluster, scheduler);
    const late = cluster.mail.withhold(ReregisterSlaveMessage, { count: 1 });
    const answered = cluster.mail.watch(SlaveReregisteredMessage);
    agent.detector.appoint(cluster.master);
    await cluster.sim.until(() => late.bodies.length > 0, 60_000);
    const runs = cluster.mail.watch(RunTaskMessage);
    scheduler.launch(offer, 'task');
    await cluster.sim.until(() => runs.length > 0, 5_000);
    late.release();
    await cluster.sim.until(() => answered.length > 0, 5_000);
    const asked: readonly ReconcileTasksMessage[] = answered[0]?.reconciliations ?? [];
    expect(asked[0]?.statuses).toMatchObject([{ task_id: { value: 'task' } }]);
    await cluster.sim.advance(60_000);
    expect(scheduler.statesOf('task')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
  });

  test('after a partition without a task that never came there says so [8c9210c]', async () => {
    const cluster = await Cluster.start();
    const agent = await cluster.agent();
    const { scheduler } = await cluster.scheduler({ framework: PARTITION_AWARE });
    const runs = cluster.mail.withhold(RunTaskMessage);
    scheduler.launch(await nextOffer(cluster, scheduler), 'task');
    await cluster.sim.until(() => runs.bodies.length > 0, 5_000);
    cluster.sim.network.isolate(agent.machine.ip);
    await reach(cluster, scheduler, { task: 'TASK_UNREACHABLE' });
    expect(await tasks(cluster)).toEqual(['TASK_UNREACHABLE']);
    cluster.sim.network.heal();
    await reach(cluster, scheduler, { task: 'TASK_DROPPED' });
    expect(scheduler.latest('task')?.reason).toBe('REASON_RECONCILIATION');
    expect(await tasks(cluster)).toEqual([]);
    await nextOffer(cluster, scheduler);
  });
});

/** The states of all tasks that the master still looks after. */
async function tasks({ masterNode, sim }: Cluster): Promise<readonly string[]> {
  const answer = await sim.complete(
    masterNode.http({
      method: 'GET',
      path: '/master/state',
      query: {},
      headers: {},
      body: new Uint8Array(0),
      remoteAddress: '127.0.0.1:1',
    }),
  );
  if (!(answer.body instanceof Uint8Array)) throw new Error('The answer is in one piece');
  const state: unknown = JSON.parse(new TextDecoder().decode(answer.body));
  const { frameworks } = state as {
    frameworks: Record<'tasks' | 'unreachable_tasks', { state: string }[]>[];
  };
  return frameworks
    .flatMap((framework) => [...framework.tasks, ...framework.unreachable_tasks])
    .map((task) => task.state);
}
