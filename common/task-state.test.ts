import { describe, expect, test } from '@jest/globals';
import { canFollow, holdsResources, isTerminal, stateFor } from './task-state.ts';

describe('a task state', () => {
  test('is terminal when nothing can follow it; UNREACHABLE and UNKNOWN are not', () => {
    expect(['TASK_FINISHED', 'TASK_LOST', 'TASK_GONE'].map((s) => isTerminal(s as never))).toEqual([
      true,
      true,
      true,
    ]);
    expect(isTerminal('TASK_UNREACHABLE')).toBe(false);
    expect(isTerminal('TASK_UNKNOWN')).toBe(false);
  });

  test('holds resources while the task may be running on an agent that answers', () => {
    expect(holdsResources('TASK_KILLING')).toBe(true);
    expect(holdsResources('TASK_UNREACHABLE')).toBe(false);
    expect(holdsResources('TASK_FAILED')).toBe(false);
  });

  test('unknown to a framework that is not partition-aware is told as TASK_LOST', () => {
    expect(stateFor('TASK_UNREACHABLE', false)).toBe('TASK_LOST');
    expect(stateFor('TASK_UNREACHABLE', true)).toBe('TASK_UNREACHABLE');
    expect(stateFor('TASK_FINISHED', false)).toBe('TASK_FINISHED');
  });

  test('never goes back, and nothing follows a terminal one', () => {
    expect(canFollow('TASK_STAGING', 'TASK_FINISHED')).toBe(true);
    expect(canFollow('TASK_RUNNING', 'TASK_RUNNING')).toBe(true);
    expect(canFollow('TASK_RUNNING', 'TASK_STARTING')).toBe(false);
    expect(canFollow('TASK_UNREACHABLE', 'TASK_RUNNING')).toBe(true);
    expect(canFollow('TASK_KILLED', 'TASK_RUNNING')).toBe(false);
  });
});
