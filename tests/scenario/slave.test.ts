import { describe, expect, test } from '@jest/globals';
import { dispatch } from '../../libprocess/dispatch.ts';
import { UPID } from '../../libprocess/upid.ts';
import { Cluster } from '../../testing/cluster.ts';
import { LASTING, nextOffer, reach, runningTask } from '../support/stories.ts';
import { taskOf } from '../../testing/test-scheduler.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('an agent', () => {
  test('that shuts itself down tells frameworks at once, and rescinds its offers [0507955]', async () => {
    const cluster = await Cluster.start();
    const { pid } = (await cluster.agent()).agent;
    const { scheduler } = await cluster.scheduler();
    const offer = await nextOffer(cluster, scheduler);
    dispatch(pid, 'unregister');
    await cluster.sim.until(() => scheduler.lostAgents.length > 0, 5_000);
    expect(scheduler.rescinded).toEqual([offer.id.value]);
  });

  test('removes an executor that exits before it registers, and fails its tasks [3fbf8f7]', async () => {
    const cluster = await Cluster.start();
    await cluster.agent();
    const { scheduler } = await cluster.scheduler({ framework: LASTING });
    const offer = await nextOffer(cluster, scheduler);
    const task = taskOf(offer, 'task', { executor: 'custom' });
    const executor = task.executor && {
      ...task.executor,
      command: { shell: false, value: '/bin/false' },
    };
    scheduler.launchTasks(offer.id.value, [{ ...task, ...(executor && { executor }) }]);
    await reach(cluster, scheduler, { task: 'TASK_FAILED' });
    expect(scheduler.latest('task')?.reason).toBe('REASON_EXECUTOR_TERMINATED');
    await cluster.sim.until(() => scheduler.lostExecutors.length > 0, 5_000);
  });

  test('fails the tasks of an executor that exits, and tells its exit status', async () => {
    const cluster = await Cluster.start();
    const { scheduler } = await runningTask(cluster, {
      task: { executor: 'custom', data: bytes('exit') },
      until: 'TASK_FAILED',
    });
    await cluster.sim.until(() => scheduler.lostExecutors.includes('custom'), 5_000);
    expect(scheduler.latest('task')?.message).toBe('Executor exited with status 3');
  });

  test('destroys an executor that does not register in time', async () => {
    const cluster = await Cluster.start();
    await cluster.agent();
    const { scheduler } = await cluster.scheduler({ framework: LASTING });
    const offer = await nextOffer(cluster, scheduler);
    const task = taskOf(offer, 'task', { executor: 'custom' });
    const command = { value: 'sleep 1000' };
    const executor = task.executor && { ...task.executor, command };
    scheduler.launchTasks(offer.id.value, [{ ...task, ...(executor && { executor }) }]);
    await cluster.sim.advance(59_000);
    expect(scheduler.updates).toEqual([]);
    await reach(cluster, scheduler, { task: 'TASK_FAILED' });
    expect(scheduler.latest('task')?.reason).toBe('REASON_EXECUTOR_REGISTRATION_TIMEOUT');
  });

  test.each([
    ['no pings at all', 0],
    ['no more pings', 40_000],
  ])('that gets %s registers again by itself [5e86b0e] [5db4678]', async (_case, afterMs) => {
    const cluster = await Cluster.start();
    await cluster.agent();
    await cluster.sim.advance(5_000 + afterMs);
    const observer = new UPID('slave-observer(1)', cluster.master.address);
    cluster.masterNode.terminate(observer);
    await cluster.sim.advance(80_000);
    const said = cluster.sim.logs.map(({ message }) => message);
    expect(said).toContain('No pings from the master; registering again');
    expect(said).toContain('Reregistered');
  });

  test('gives tasks to one executor in the order in which they came [d576637] [59c018c]', async () => {
    const cluster = await Cluster.start();
    await cluster.agent();
    const { scheduler } = await cluster.scheduler({ framework: LASTING });
    const offer = await nextOffer(cluster, scheduler);
    const names = ['a', 'b', 'c', 'd', 'e'];
    scheduler.launchTasks(
      offer.id.value,
      names.map((name) => taskOf(offer, name, { executor: 'custom' })),
    );
    await reach(cluster, scheduler, { e: 'TASK_RUNNING' });
    expect(scheduler.updates.map((update) => update.task_id.value)).toEqual(names);
  });

  test('refuses a command task whose id an executor still has [578c6f5]', async () => {
    const cluster = await Cluster.start();
    const { scheduler } = await runningTask(cluster, {
      task: { command: { value: 'true' } },
      until: 'TASK_FINISHED',
    });
    scheduler.updates.length = 0;
    scheduler.launch(await nextOffer(cluster, scheduler), 'task');
    await cluster.sim.until(() => scheduler.updates.length > 0, 30_000);
    expect(scheduler.latest('task')).toMatchObject({
      state: 'TASK_LOST',
      reason: 'REASON_TASK_INVALID',
    });
  });

  test('without checkpointing refuses tasks of frameworks that want it, and names the flag', async () => {
    const cluster = await Cluster.start();
    const { scheduler } = await runningTask(cluster, {
      agent: { checkpoint: false },
      until: 'TASK_ERROR',
    });
    expect(scheduler.latest('task')?.message).toContain('--no-checkpoint');
  });

  test('passes messages both ways between a scheduler and its executor', async () => {
    const cluster = await Cluster.start();
    const { scheduler, offer } = await runningTask(cluster, { task: { executor: 'custom' } });
    scheduler.sendFrameworkMessage('custom', offer.slave_id.value, bytes('hello'));
    await cluster.sim.until(() => scheduler.messages.length > 0, 5_000);
    expect(scheduler.messages).toEqual(['hello']);
  });

  test('ends what a framework runs when it stops for good', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster);
    const before = agent.process.runtime.subprocesses.list().length;
    scheduler.stop();
    await cluster.sim.advance(20_000);
    expect(agent.process.runtime.subprocesses.list().length).toBeLessThan(before);
  });

  test('kills a task that ignores TERM after its grace period', async () => {
    const cluster = await Cluster.start();
    const { scheduler } = await runningTask(cluster, {
      task: { command: { value: "trap '' TERM; sleep 1000" } },
    });
    const askedAtMs = cluster.sim.nowMs;
    scheduler.killTask('task');
    await reach(cluster, scheduler, { task: 'TASK_KILLED' });
    expect(cluster.sim.nowMs - askedAtMs).toBeGreaterThan(3_000);
    expect(cluster.sim.nowMs - askedAtMs).toBeLessThan(5_000);
  });
});
