import { describe, expect, test } from '@jest/globals';
import {
  KillTaskMessage,
  RunTaskGroupMessage,
  ShutdownFrameworkMessage,
  SlaveReregisteredMessage,
  UpdateFrameworkMessage,
} from '../../proto/index.ts';
import {
  AGENT_ID,
  AgentBed,
  CHECKPOINTING,
  commandTask,
  executorTask,
  FRAMEWORK_ID,
} from '../support/agent-bed.ts';
import { TEST_EXECUTOR } from '../../testing/test-executor.ts';
import { FakeMaster } from '../support/fake-master.ts';

const kill = (task: string): KillTaskMessage => ({
  framework_id: { value: FRAMEWORK_ID },
  task_id: { value: task },
});

describe('an agent that is told to kill a task', () => {
  test.each([
    ['a custom executor', executorTask('task')],
    ['a command executor', commandTask('task')],
  ])('before %s has registered keeps no executor that waits for ever', async (_of, task) => {
    const bed = await AgentBed.registered();
    bed.master.acknowledges = false;
    const before = bed.life.process.runtime.subprocesses.list().length;
    bed.run(task);
    bed.master.tell(KillTaskMessage, kill('task'));
    await bed.until(() => bed.master.updates.length > 0);
    expect(bed.master.latest('task')?.status).toMatchObject({
      state: 'TASK_KILLED',
      reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
    });
    await bed.until(() => bed.said('An executor ended'));
    bed.master.acknowledges = true;
    await bed.sim.advance(60_000);
    expect(bed.life.process.runtime.subprocesses.list().length).toBeLessThanOrEqual(before + 1);
    expect(bed.master.statesOf('task')).toEqual(['TASK_KILLED']);
  });

  test('does not deliver it after that, however long its record takes', async () => {
    const bed = await AgentBed.registered();
    bed.run(executorTask('first'));
    await bed.until(() => bed.master.statesOf('first').length === 1);
    bed.run(executorTask('second'));
    bed.master.tell(KillTaskMessage, kill('second'));
    await bed.sim.advance(10_000);
    expect(bed.master.statesOf('second')).toEqual(['TASK_KILLED']);
    expect(bed.master.statesOf('first')).toEqual(['TASK_RUNNING']);
  });
});

describe('an agent that is told to run', () => {
  test('a task under the id of one that runs leaves that alone', async () => {
    const bed = await AgentBed.registered();
    bed.run(commandTask('task'));
    await bed.until(() => bed.master.latest('task')?.status.state === 'TASK_RUNNING');
    bed.run(commandTask('task'));
    bed.run(executorTask('task'));
    await bed.sim.advance(10_000);
    expect(bed.master.statesOf('task')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
  });

  test('a task under the id of one whose end is being acknowledged says so after that', async () => {
    const bed = await AgentBed.registered();
    bed.run(executorTask('task', 'custom', 'finish:5'));
    await bed.until(() => bed.master.latest('task')?.status.state === 'TASK_RUNNING');
    bed.master.acknowledges = false;
    await bed.until(() => bed.master.latest('task')?.status.state === 'TASK_FINISHED');
    bed.run(executorTask('task'));
    await bed.sim.advance(1_000);
    expect(bed.master.statesOf('task')).toEqual(['TASK_RUNNING', 'TASK_FINISHED']);
    bed.master.acknowledges = true;
    await bed.sim.advance(20_000);
    expect(bed.master.statesOf('task')).toEqual(['TASK_RUNNING', 'TASK_FINISHED', 'TASK_LOST']);
    expect(bed.master.latest('task')?.status.reason).toBe('REASON_TASK_INVALID');
  });

  test('a task under the id of one that never came says so after that was acknowledged', async () => {
    const bed = await AgentBed.registered();
    bed.master.acknowledges = false;
    // Of a framework that has nothing else here.
    bed.master.tell(SlaveReregisteredMessage, {
      slave_id: { value: AGENT_ID },
      reconciliations: [
        {
          framework_id: { value: FRAMEWORK_ID },
          statuses: [{ task_id: { value: 'task' }, state: 'TASK_STAGING' }],
        },
      ],
    });
    await bed.until(() => bed.master.updates.length > 0);
    // Another scheduler hears of it at once.
    bed.master.tell(UpdateFrameworkMessage, { framework_id: { value: FRAMEWORK_ID } });
    await bed.sim.advance(1_000);
    expect(bed.master.updates).toHaveLength(2);
    bed.run(commandTask('task'));
    await bed.sim.advance(1_000);
    expect(bed.master.statesOf('task')).toEqual(['TASK_LOST']);
    bed.master.acknowledges = true;
    await bed.sim.advance(20_000);
    expect(bed.master.statesOf('task')).toEqual(['TASK_LOST', 'TASK_LOST']);
    expect(bed.master.latest('task')?.status.reason).toBe('REASON_TASK_INVALID');
    bed.run(commandTask('task'));
    await bed.until(() => bed.master.latest('task')?.status.state === 'TASK_RUNNING');
  });

  test('a task under the id of one that runs tells the master that no executor came of it', async () => {
    const bed = await AgentBed.registered();
    bed.run(commandTask('task'));
    await bed.until(() => bed.master.latest('task')?.status.state === 'TASK_RUNNING');
    bed.run(executorTask('task'), { launch_executor: true });
    await bed.sim.advance(10_000);
    expect(bed.master.exitedExecutors).toEqual(['custom']);
  });

  test('a task that it must refuse tells the master that no executor came of it', async () => {
    const bed = await AgentBed.registered();
    const container = { type: 'DOCKER' as const };
    await bed.until(() => bed.said('Registered'));
    await bed.sim.advance(1_000);
    bed.run({ ...executorTask('task'), container }, { launch_executor: true });
    await bed.until(() => bed.master.updates.length > 0);
    expect(bed.master.statesOf('task')).toEqual(['TASK_ERROR']);
    expect(bed.master.exitedExecutors).toEqual(['custom']);
  });

  test('a task on an executor that is gone does not start it anew', async () => {
    const bed = await AgentBed.registered();
    bed.run(executorTask('task'), { launch_executor: false });
    await bed.until(() => bed.master.updates.length > 0);
    expect(bed.master.latest('task')?.status).toMatchObject({
      state: 'TASK_LOST',
      reason: 'REASON_EXECUTOR_TERMINATED',
    });
    expect(bed.said('Starting an executor')).toBe(false);
  });

  test('a task group says of each task that it cannot', async () => {
    const bed = await AgentBed.registered();
    await bed.sim.advance(1_000);
    bed.master.tell(RunTaskGroupMessage, {
      framework: CHECKPOINTING,
      executor: { executor_id: { value: 'group' }, type: 'DEFAULT' },
      task_group: { tasks: [commandTask('a'), commandTask('b')] },
      launch_executor: true,
    });
    await bed.until(() => bed.master.updates.length === 2);
    expect([...bed.master.statesOf('a'), ...bed.master.statesOf('b')]).toEqual([
      'TASK_ERROR',
      'TASK_ERROR',
    ]);
    expect(bed.master.exitedExecutors).toEqual(['group']);
  });

  test('a task that it refuses says so until that is acknowledged', async () => {
    const bed = await AgentBed.registered();
    bed.master.acknowledges = false;
    bed.run({ ...commandTask('task'), container: { type: 'DOCKER' } });
    await bed.until(() => bed.master.updates.length > 2);
    expect(bed.master.statesOf('task')).toEqual(['TASK_ERROR']);
    bed.master.tell(ShutdownFrameworkMessage, { framework_id: { value: FRAMEWORK_ID } });
    await bed.sim.advance(1_000);
    const told = bed.master.updates.length;
    await bed.sim.advance(1_800_000);
    expect(bed.master.updates).toHaveLength(told);
  });
});

describe('an agent', () => {
  test('keeps an executor without tasks through a restart', async () => {
    const bed = await AgentBed.registered();
    bed.run(executorTask('task', 'custom', 'finish:1'));
    await bed.until(() => bed.master.latest('task')?.status.state === 'TASK_FINISHED');
    await bed.sim.advance(1_000);
    bed.killAgent();
    await bed.startAgent();
    await bed.until(() => bed.said('Reregistered'));
    await bed.sim.advance(60_000);
    expect(bed.said('An executor ended')).toBe(false);
    expect(bed.master.reregistrations.at(-1)?.executor_infos).toHaveLength(1);
  });

  test('tells of an executor that ends before its reregistration is answered, and again then', async () => {
    const bed = await AgentBed.registered();
    bed.run(executorTask('task'));
    await bed.until(() => bed.master.latest('task')?.status.state === 'TASK_RUNNING');
    const other = new FakeMaster('other-master');
    other.answers = false;
    bed.masterNode.spawn(other);
    bed.detector.appoint(other.self);
    await bed.until(() => other.reregistrations.length > 0);
    expect(other.reregistrations[0]?.executor_infos).toHaveLength(1);
    const { processes } = bed.life.process.machine;
    const executor = processes
      .list()
      .map(({ pid }) => processes.get(pid))
      .find((process) => process?.image.argv[0] === TEST_EXECUTOR);
    if (executor) processes.end(executor, { signal: 'SIGKILL' });
    await bed.until(() => bed.said('An executor ended'));
    await bed.sim.advance(1_000);
    expect(other.exitedExecutors).toEqual(['custom']);
    other.answers = true;
    await bed.until(() => bed.said('Reregistered'));
    await bed.sim.advance(1_000);
    expect(other.exitedExecutors).toEqual(['custom', 'custom']); // The first word may have been lost.
  });

  test('registers with a new master also if that came while its id was being recorded', async () => {
    const bed = await AgentBed.start();
    const other = new FakeMaster('other-master');
    bed.masterNode.spawn(other);
    await bed.until(() => bed.said('Registered'));
    bed.detector.appoint(other.self); // Nothing of the first one's answer is durable yet.
    await bed.sim.advance(5_000);
    expect(other.reregistrations).toHaveLength(1);
    expect(other.reregistrations[0]?.slave.id?.value).toBe(bed.master.agentId);
  });
});
