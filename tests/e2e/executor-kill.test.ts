import { describe, expect, test } from '@jest/globals';
import { Bed } from './support/bed.ts';
import { storiesOf } from './support/ledger.ts';
import { inspect } from './support/processes.ts';
import { EXECUTOR_ID, Workload } from './support/workload.ts';

describe('under running tasks, SIGKILL', () => {
  test('of a custom executor fails its tasks, ends what they left running, and is told', async () => {
    await using bed = new Bed();
    const master = await bed.master();
    await bed.agent(master);
    const scheduler = await bed.scheduler({ master: master.address });
    const workload = new Workload(bed);
    const tasks = workload.custom('custom', 3);
    await workload.launch(scheduler, tasks);
    const executor = inspect(tasks[0]?.pid ?? 0)?.parent ?? 0;

    const killedAt = performance.now();
    process.kill(executor, 'SIGKILL');
    await scheduler.reach('TASK_FAILED', ...tasks.map(({ id }) => id));
    await scheduler.until('the executor is lost', ({ lostExecutors }) => lostExecutors.length > 0);
    const ms = performance.now() - killedAt;
    expect(scheduler.driver.lostExecutors).toEqual([EXECUTOR_ID]);
    await bed.until('its commands end', () => !tasks.some(({ lives }) => lives));
    for (const { states, last } of storiesOf(scheduler.driver.updates).values()) {
      expect(states).toEqual(['TASK_RUNNING', 'TASK_FAILED']);
      expect(last).toMatchObject({
        reason: 'REASON_EXECUTOR_TERMINATED',
        message: 'Executor terminated by signal SIGKILL',
      });
    }
    process.stdout.write(
      `${tasks.length} of ${tasks.length} tasks told, ${ms.toFixed(0)} ms after the kill\n`,
    );
  });

  test('of the wrapper of a command ends the command, and fails its task', async () => {
    await using bed = new Bed();
    const master = await bed.master();
    await bed.agent(master);
    const scheduler = await bed.scheduler({ master: master.address });
    const workload = new Workload(bed);
    const [task, other] = [workload.command('task'), workload.command('other')];
    await workload.launch(scheduler, [task, other]);

    const killedAt = performance.now();
    process.kill(inspect(task.pid)?.session ?? 0, 'SIGKILL');
    await scheduler.reach('TASK_FAILED', task.id);
    const ms = performance.now() - killedAt;
    expect(task.lives).toBe(false);
    expect(other.lives).toBe(true);
    expect(scheduler.driver.latest(task.id)?.message).toBe('Failed to get exit status for Command');
    process.stdout.write(`1 of 1 lost commands told, ${ms.toFixed(0)} ms after the kill\n`);
  });
});
