import { describe, expect, test } from '@jest/globals';
import { frameworkId } from '../../common/ids.ts';
import type { StatusUpdate, TaskState } from '../../proto/index.ts';
import { STATUSES_MAX, TaskRecord } from './task-record.ts';

const launched = (): TaskRecord =>
  TaskRecord.launched(
    {
      name: 't',
      task_id: { value: 't' },
      slave_id: { value: 's' },
      resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 } }],
    },
    frameworkId('f'),
  );

function update(state: TaskState, more: Partial<StatusUpdate> = {}): StatusUpdate {
  const status = { task_id: { value: 't' }, state, data: new Uint8Array(9) };
  return { framework_id: { value: 'f' }, status, timestamp: 1, ...more };
}

describe('the record of a task', () => {
  test('frees its resources once, when it ends', () => {
    const task = launched();
    expect(task.apply(update('TASK_RUNNING'))).toEqual({ ended: false, released: false });
    expect(task.apply(update('TASK_FINISHED'))).toEqual({ ended: true, released: true });
    expect(task.apply(update('TASK_FINISHED'))).toEqual({ ended: false, released: false });
  });

  test('frees its resources when it is out of sight, without having ended', () => {
    expect(launched().apply(update('TASK_UNREACHABLE'))).toEqual({ ended: false, released: true });
  });

  test('never leaves a terminal state', () => {
    const task = launched();
    task.apply(update('TASK_FAILED'));
    task.apply(update('TASK_RUNNING'));
    expect(task.state).toBe('TASK_FAILED');
  });

  test('has the state that the agent knows, though it hears of it late', () => {
    const task = launched();
    const uuid = new Uint8Array(16);
    task.apply(update('TASK_STARTING', { latest_state: 'TASK_FINISHED', uuid }));
    expect(task.state).toBe('TASK_FINISHED');
    expect(task.updateState).toBe('TASK_STARTING');
  });

  test('keeps the newest of equal states in a row, without data', () => {
    const task = launched();
    for (const state of ['TASK_STARTING', 'TASK_RUNNING', 'TASK_RUNNING'] as const) {
      task.apply(update(state));
    }
    expect(task.statuses.map(({ state }) => state)).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
    expect(task.statuses.some(({ data }) => data)).toBe(false);
  });

  test('keeps a bounded number of statuses', () => {
    const task = launched();
    for (let count = 0; count < STATUSES_MAX; count += 1) {
      task.apply(update('TASK_RUNNING'));
      task.apply(update('TASK_KILLING'));
    }
    expect(task.statuses).toHaveLength(STATUSES_MAX);
  });
});
