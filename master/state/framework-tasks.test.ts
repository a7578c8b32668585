import { describe, expect, test } from '@jest/globals';
import { taskId } from '../../common/ids.ts';
import type { TaskState } from '../../proto/index.ts';
import { FrameworkTasks } from './framework-tasks.ts';
import { TaskRecord } from './task-record.ts';

const ID = taskId('t');

const on = (agent: string, state: TaskState): TaskRecord =>
  new TaskRecord({
    name: '',
    task_id: { value: ID },
    framework_id: { value: 'f' },
    slave_id: { value: agent },
    state,
  });

function tasksOf(...records: readonly TaskRecord[]): FrameworkTasks {
  const tasks = new FrameworkTasks();
  for (const record of records) tasks.add(record);
  return tasks;
}

describe('the tasks of a framework', () => {
  test.each([[['ended', 'live']], [['live', 'ended']]] as const)(
    'are known by what lives under an id, of %j',
    (order) => {
      const records = { ended: on('a', 'TASK_KILLED'), live: on('b', 'TASK_RUNNING') };
      const tasks = tasksOf(...order.map((which) => records[which]));
      expect(tasks.get(ID)).toBe(records.live);
      tasks.delete(records.ended);
      expect([...tasks.values()]).toEqual([records.live]);
    },
  );

  test('know the next of an id when the first is gone, what lives before what has ended', () => {
    const [first, ended, next] = [
      on('a', 'TASK_RUNNING'),
      on('b', 'TASK_FAILED'),
      on('c', 'TASK_RUNNING'),
    ];
    const tasks = tasksOf(first, ended, next);
    expect(tasks.get(ID)).toBe(first);
    tasks.delete(first);
    expect(tasks.get(ID)).toBe(next);
    tasks.delete(next);
    expect(tasks.get(ID)).toBe(ended);
    tasks.delete(ended);
    expect(tasks.has(ID)).toBe(false);
  });

  test('are one for each id and agent', () => {
    const [other, former, latest] = [
      on('a', 'TASK_RUNNING'),
      on('b', 'TASK_RUNNING'),
      on('b', 'TASK_STAGING'),
    ];
    const tasks = tasksOf(other, former, latest);
    tasks.delete(other);
    expect(tasks.get(ID)).toBe(latest);
    tasks.delete(latest);
    expect([...tasks.values()]).toEqual([]);
  });
});
