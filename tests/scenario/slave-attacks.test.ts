import { describe, expect, test } from '@jest/globals';
import type { EventFilter } from '../../libprocess/event-filters.ts';
import { UPID } from '../../libprocess/upid.ts';
import {
  ExecutorToFrameworkMessage,
  FrameworkToExecutorMessage,
  KillTaskMessage,
  PingSlaveMessage,
  ReconnectExecutorMessage,
  RegisterExecutorMessage,
  ReregisterExecutorMessage,
  RunTaskMessage,
  ShutdownExecutorMessage,
  ShutdownFrameworkMessage,
  ShutdownMessage,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  type StatusUpdate,
  type TaskState,
} from '../../proto/index.ts';
import {
  AGENT_ID,
  AgentBed,
  CHECKPOINTING,
  commandTask,
  executorTask,
  FRAMEWORK_ID,
} from '../support/agent-bed.ts';

const FRAMEWORK = { value: FRAMEWORK_ID };

const HOSTILE_IDS: [kind: string, id: string][] = [
  ['that leads upwards', '../../../../etc'],
  ['that begins at the root', '/etc/passwd'],
  ['that is the parent', '..'],
  ['that is the directory itself', '.'],
  ['with a slash', 'a/b'],
  ['with a backslash', 'a\\b'],
  ['with a NUL', 'nul\0'],
  ['of 10,000 characters', 'x'.repeat(10_000)],
  ['of 200 characters and 400 bytes', 'é'.repeat(200)],
  ['that is empty', ''],
];

function update(taskId: string, state: TaskState, more: Partial<StatusUpdate> = {}): StatusUpdate {
  const slave_id = { value: AGENT_ID };
  return {
    framework_id: FRAMEWORK,
    executor_id: { value: 'custom' },
    slave_id,
    status: { task_id: { value: taskId }, state, slave_id },
    timestamp: 0,
    uuid: Uint8Array.from({ length: 16 }, (_, index) => index),
    ...more,
  };
}

async function running({ acknowledges = true } = {}): Promise<AgentBed> {
  const bed = await AgentBed.registered();
  bed.master.acknowledges = acknowledges;
  bed.run(executorTask('task'));
  await bed.until(() => bed.master.latest('task')?.status.state === 'TASK_RUNNING');
  return bed;
}

describe('an agent, told names that are paths', () => {
  test.each(HOSTILE_IDS)('writes nothing for a framework with an id %s', async (_kind, id) => {
    const bed = await AgentBed.registered();
    await bed.sim.advance(1_000);
    const paths = async (): Promise<readonly string[]> => {
      const all = await bed.pathsBelow('/');
      return all.filter((path) => !path.includes('/meta/journal/'));
    };
    const before = await paths();
    bed.run(commandTask('task'), { framework: { ...CHECKPOINTING, id: { value: id } } });
    await bed.sim.advance(10_000);
    expect(await paths()).toEqual(before);
  });

  test.each(HOSTILE_IDS)('runs nothing for a task with an id %s', async (_kind, id) => {
    const bed = await AgentBed.registered();
    bed.run(commandTask(id));
    bed.run(executorTask(id));
    await bed.sim.advance(10_000);
    const paths = await bed.pathsBelow('/');
    expect(paths.filter((path) => path.includes('/runs/'))).toEqual([]);
    expect(bed.said('An executor registered')).toBe(false);
  });

  test.each(HOSTILE_IDS)('starts no executor with an id %s', async (_kind, id) => {
    const bed = await AgentBed.registered();
    bed.run(executorTask('task', id));
    await bed.until(() => bed.master.updates.length > 0);
    expect(bed.master.latest('task')?.status).toMatchObject({
      state: 'TASK_ERROR',
      reason: 'REASON_TASK_INVALID',
    });
    const paths = await bed.pathsBelow('/');
    expect(paths.filter((path) => path.includes('/runs/'))).toEqual([]);
  });

  test('takes no id from a master that leads out of its directory', async () => {
    const bed = await AgentBed.start();
    bed.master.agentId = '../../../etc';
    await bed.sim.advance(10_000);
    expect(bed.said('Registered')).toBe(false);
  });
});

describe('an agent, told things by a process that is not its master', () => {
  test('does none of them', async () => {
    const bed = await running({ acknowledges: false });
    const stranger = await bed.stranger();
    const { agent } = bed.life;
    const executor_id = { value: 'custom' };
    const slave_id = { value: AGENT_ID };
    const task_id = { value: 'task' };
    const { uuid = new Uint8Array() } = bed.master.latest('task') ?? {};
    const told = bed.master.updates.length;
    stranger.tell(agent.pid, RunTaskMessage, { framework: CHECKPOINTING, task: commandTask('b') });
    stranger.tell(agent.pid, KillTaskMessage, { framework_id: FRAMEWORK, task_id });
    stranger.tell(agent.pid, ShutdownExecutorMessage, { framework_id: FRAMEWORK, executor_id });
    stranger.tell(agent.pid, ShutdownFrameworkMessage, { framework_id: FRAMEWORK });
    stranger.tell(agent.pid, ShutdownMessage, {});
    stranger.tell(agent.pid, StatusUpdateAcknowledgementMessage, {
      slave_id,
      framework_id: FRAMEWORK,
      task_id,
      uuid,
    });
    for (let ping = 0; ping < 100; ping += 1) {
      stranger.tell(agent.pid, PingSlaveMessage, { connected: false });
    }
    await bed.sim.advance(5_000);
    expect(bed.master.updates).toHaveLength(told);
    expect(bed.said('Reregistered')).toBe(false);
    // Still unacknowledged, so told again in time.
    await bed.until(() => bed.master.updates.length > told);
    expect(bed.master.statesOf('task')).toEqual(['TASK_RUNNING']);
  });
});

describe('an executor, told things by a process that is not its agent', () => {
  test('does none of them', async () => {
    const bed = await running();
    const stranger = await bed.stranger();
    const line = bed.sim.logs.find(({ message }) => message === 'An executor registered');
    const executor = UPID.parse(String(line?.fields['pid']));
    if (!executor) throw new Error('The executor has a PID');
    const task = executorTask('another');
    stranger.tell(executor, RunTaskMessage, { framework: CHECKPOINTING, task });
    stranger.tell(executor, KillTaskMessage, {
      framework_id: FRAMEWORK,
      task_id: { value: 'task' },
    });
    stranger.tell(executor, ReconnectExecutorMessage, { slave_id: { value: AGENT_ID } });
    stranger.tell(executor, ShutdownExecutorMessage, {});
    await bed.sim.advance(30_000);
    expect(bed.master.statesOf('task')).toEqual(['TASK_RUNNING']);
    expect(bed.master.statesOf('another')).toEqual([]);
    expect(bed.said('An executor ended')).toBe(false);
  });
});

describe('an agent, told things by a process that is not the executor', () => {
  test('believes no update of a task', async () => {
    const bed = await running();
    const stranger = await bed.stranger();
    stranger.tell(bed.life.agent.pid, StatusUpdateMessage, {
      update: update('task', 'TASK_FAILED'),
    });
    await bed.sim.advance(5_000);
    expect(bed.master.statesOf('task')).toEqual(['TASK_RUNNING']);
  });

  test('passes on no update of a task that it never had', async () => {
    const bed = await running();
    const stranger = await bed.stranger();
    const told = bed.master.updates.length;
    for (let each = 0; each < 100; each += 1) {
      stranger.tell(bed.life.agent.pid, StatusUpdateMessage, {
        update: update(`made-up-${String(each)}`, 'TASK_RUNNING'),
      });
    }
    await bed.sim.advance(5_000);
    expect(bed.master.updates).toHaveLength(told);
  });

  test('gives it no task of an executor that has not registered', async () => {
    const bed = await AgentBed.registered();
    const stranger = await bed.stranger();
    const register = { framework_id: FRAMEWORK, executor_id: { value: 'custom' } };
    const command = { value: 'sleep 1000' };
    bed.run({
      ...executorTask('task'),
      executor: { executor_id: { value: 'custom' }, command },
    });
    await bed.until(() => bed.said('Starting an executor'));
    stranger.tell(bed.life.agent.pid, RegisterExecutorMessage, register);
    stranger.tell(bed.life.agent.pid, ReregisterExecutorMessage, register);
    await bed.sim.advance(5_000);
    expect(bed.said('An executor registered')).toBe(false);
  });

  test('lets nobody register in the place of a command executor', async () => {
    const bed = await AgentBed.registered();
    bed.run(commandTask('task'));
    await bed.until(() => bed.master.latest('task')?.status.state === 'TASK_RUNNING');
    const registered = bed.sim.logs.filter(({ message }) => message === 'An executor registered');
    expect(registered).toHaveLength(1);
    expect(String(registered[0]?.fields['pid'])).toContain(bed.life.node.address);
  });

  test('does not let it take the place of an executor that shall come back', async () => {
    const bed = await running();
    const stranger = await bed.stranger();
    const pid = bed.life.agent.pid;
    bed.killAgent();
    await bed.startAgent();
    stranger.tell(pid, ReregisterExecutorMessage, {
      framework_id: FRAMEWORK,
      executor_id: { value: 'custom' },
      updates: [update('task', 'TASK_FAILED')],
    });
    await bed.until(() => bed.said('Reregistered'));
    await bed.sim.advance(5_000);
    expect(bed.master.statesOf('task')).toEqual(['TASK_RUNNING']);
  });

  test('passes on no message in the name of the executor, nor of its scheduler', async () => {
    const bed = await running();
    const stranger = await bed.stranger();
    const message = {
      slave_id: { value: AGENT_ID },
      framework_id: FRAMEWORK,
      executor_id: { value: 'custom' },
      data: new TextEncoder().encode('exit'),
    };
    const heard: string[] = [];
    const note: EventFilter = (event) => {
      if (event.kind === 'message') heard.push(event.name);
      return 'deliver';
    };
    bed.masterNode.filters.add(note);
    stranger.tell(bed.life.agent.pid, ExecutorToFrameworkMessage, message);
    await bed.sim.advance(5_000);
    expect(heard).toEqual([]);
    // The executor answers whatever it hears, to the agent.
    bed.life.node.filters.add(note);
    stranger.tell(bed.life.agent.pid, FrameworkToExecutorMessage, message);
    await bed.sim.advance(5_000);
    expect(heard).toEqual(['mesos.internal.FrameworkToExecutorMessage']);
  });
});
