import { describe, expect, test } from '@jest/globals';
import type { CommandInfo, TaskInfo } from '../../proto/index.ts';
import { commandExecutorInfo } from './command-executor-info.ts';
import { shutdownGracePeriodMs } from './shutdown-grace-period.ts';

const flags = { executorShutdownGracePeriodMs: 5_000 };
const task = (command: CommandInfo, more: Partial<TaskInfo> = {}): TaskInfo => ({
  name: 'name',
  task_id: { value: 'task' },
  slave_id: { value: 'agent' },
  command,
  ...more,
});
const nameOf = (command: CommandInfo): string | undefined =>
  commandExecutorInfo(task(command), 'framework').name;

describe('the executor of a command task', () => {
  test.each<[CommandInfo, string]>([
    [{ value: 'true' }, "sh -c 'true'"],
    [{ value: 'sleep 100000000' }, "sh -c 'sleep 100000000'"],
    [{ value: 'sleep 1000000000' }, "sh -c 'sleep 100000...'"],
    [{ shell: false, value: 'ls', arguments: ['ls', '-l'] }, '[ls, ls, -l]'],
    [{}, 'NO COMMAND'],
    [{ shell: false }, 'NO EXECUTABLE'],
  ])('is named after task and command (%j)', (command, shown) => {
    expect(nameOf(command)).toBe(`Command Executor (Task: task) (Command: ${shown})`);
  });

  test('is called as its task, and charged for itself', () => {
    const info = commandExecutorInfo(task({ value: 'true' }), 'framework');
    expect(info).toMatchObject({ executor_id: { value: 'task' }, source: 'task' });
    expect(info.resources).toMatchObject([
      { name: 'cpus', scalar: { value: 0.1 } },
      { name: 'mem', scalar: { value: 32 } },
    ]);
  });

  test('may take as long to shut down as the kill policy grants, reaping included', () => {
    const grace_period = { nanoseconds: 60_000_000_000n };
    const patient = task({ value: 'true' }, { kill_policy: { grace_period } });
    expect(shutdownGracePeriodMs(commandExecutorInfo(patient, 'framework'), flags)).toBe(62_000);
    const plain = commandExecutorInfo(task({ value: 'true' }), 'framework');
    expect(shutdownGracePeriodMs(plain, flags)).toBe(5_000);
  });

  test.each([
    [-1n, 0],
    [-(2n ** 63n), 0],
    [2n ** 63n - 1n, 9_223_372_036_854],
  ])('asking for a grace of %i ns gets a time that a clock knows', (nanoseconds, graceMs) => {
    const info = { executor_id: { value: 'x' }, shutdown_grace_period: { nanoseconds } };
    expect(shutdownGracePeriodMs(info, flags)).toBe(graceMs);
  });
});
