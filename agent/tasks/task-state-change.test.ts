import { describe, expect, test } from '@jest/globals';
import type { TaskInfo, TaskState, TaskStatus } from '../../proto/index.ts';
import { Executor } from '../model/executor.ts';
import { stagingTask } from './staging-task.ts';
import { applyStatus, isRepeated, noteForwarded } from './task-state-change.ts';

const info: TaskInfo = {
  name: 'task',
  task_id: { value: 'task' },
  slave_id: { value: 'agent' },
  command: { value: 'true' },
};

function executor(where: 'queued' | 'launched'): Executor {
  const key = {
    agentId: 'agent',
    frameworkId: 'framework',
    executorId: 'executor',
    containerId: 'container',
  };
  const it = new Executor({
    info: { executor_id: { value: 'executor' } },
    key,
    directory: '/sandbox',
    commandTask: false,
    checkpoint: false,
    completedTasksMax: 10,
  });
  if (where === 'queued') it.queuedTasks.set('task', info);
  else it.launchedTasks.set('task', stagingTask(info, 'framework', 'agent'));
  return it;
}

let uuids = 0;
const status = (state: TaskState, more: Partial<TaskStatus> = {}): TaskStatus => ({
  task_id: { value: 'task' },
  state,
  uuid: Uint8Array.from({ length: 16 }, () => (uuids += 1)),
  ...more,
});

describe('a status', () => {
  test('moves a task from launched to terminated, and no further', () => {
    const it = executor('launched');
    expect(applyStatus(it, status('TASK_RUNNING'), 'agent')).toBeUndefined();
    expect(it.launchedTasks.get('task')?.state).toBe('TASK_RUNNING');
    expect(applyStatus(it, status('TASK_FINISHED'), 'agent')).toBeUndefined();
    expect(it.launchedTasks.size).toBe(0);
    expect(applyStatus(it, status('TASK_FAILED'), 'agent')).toBe('the task has already ended');
    expect(it.terminatedTasks.get('task')?.state).toBe('TASK_FINISHED');
  });

  test('ends a task that still waits, but does nothing else to it', () => {
    const it = executor('queued');
    expect(applyStatus(it, status('TASK_RUNNING'), 'agent')).toBeDefined();
    expect(it.queuedTasks.size).toBe(1);
    expect(applyStatus(it, status('TASK_KILLED'), 'agent')).toBeUndefined();
    expect([it.queuedTasks.size, it.terminatedTasks.size]).toEqual([0, 1]);
  });

  test('of a task that is not there is refused', () => {
    const other = status('TASK_RUNNING', { task_id: { value: 'other' } });
    expect(applyStatus(executor('launched'), other, 'agent')).toBeDefined();
  });

  test('that repeats a state takes the place of the one before', () => {
    const it = executor('launched');
    for (const message of ['first', 'second']) {
      applyStatus(it, status('TASK_RUNNING', { message }), 'agent');
    }
    expect(it.launchedTasks.get('task')?.statuses).toMatchObject([{ message: 'second' }]);
  });

  test('is kept without its data, and not for ever', () => {
    const it = executor('launched');
    for (let each = 0; each < 100; each += 1) {
      const state = each % 2 === 0 ? 'TASK_STARTING' : 'TASK_RUNNING';
      applyStatus(it, status(state, { data: new Uint8Array(10) }), 'agent');
    }
    const kept = it.launchedTasks.get('task')?.statuses ?? [];
    expect(kept).toHaveLength(10);
    expect(kept.some(({ data }) => data !== undefined)).toBe(false);
  });

  test('is known when it comes again, by its UUID', () => {
    const it = executor('launched');
    const running = status('TASK_RUNNING');
    expect(isRepeated(it, running)).toBe(false);
    applyStatus(it, running, 'agent');
    applyStatus(it, status('TASK_KILLING'), 'agent');
    expect(isRepeated(it, running)).toBe(true);
    expect(isRepeated(it, status('TASK_RUNNING'))).toBe(false);
  });

  test('is noted with its task once forwarded', () => {
    const it = executor('launched');
    const running = status('TASK_RUNNING');
    applyStatus(it, running, 'agent');
    expect(noteForwarded(it, running)).toMatchObject({
      status_update_state: 'TASK_RUNNING',
      status_update_uuid: running.uuid,
    });
  });
});

describe('an executor', () => {
  test('is useless once all that it was started for ended before it got any', () => {
    const it = executor('queued');
    expect(it.useless).toBe(false);
    applyStatus(it, status('TASK_KILLED', { source: 'SOURCE_SLAVE' }), 'agent');
    expect(it.useless).toBe(true);
  });

  test('that had a task is not useless after it', () => {
    const it = executor('launched');
    applyStatus(it, status('TASK_FINISHED', { source: 'SOURCE_EXECUTOR' }), 'agent');
    expect(it.useless).toBe(false);
  });
});
