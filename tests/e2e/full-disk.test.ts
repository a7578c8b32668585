import { describe, expect, test } from '@jest/globals';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { Bed, freePort } from './support/bed.ts';
import { storiesOf } from './support/ledger.ts';
import { Workload } from './support/workload.ts';

const DISK = '16m';
/** Longer than what is left of the last page of a file. */
const LONG = 10_000;
const FILL_BYTES = 64 * 1024;

/** Takes all the room there is below `directory`; what it returns gives it back. */
function fill(directory: string): () => void {
  const path = `${directory}/filler`;
  const file = openSync(path, 'w');
  for (let bytes = FILL_BYTES; bytes >= 1; bytes = Math.floor(bytes / 2)) {
    const chunk = Buffer.alloc(bytes, 1);
    try {
      while (writeSync(file, chunk) === bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
  return () => rmSync(path);
}

describe('on a full disk', () => {
  test('an agent refuses launches by name, and holds updates until there is room', async () => {
    await using bed = new Bed();
    const master = await bed.master();
    const disk = bed.tmpfs('disk', DISK);
    const agent = await bed.agent(master, { work_dir: `${disk}/agent` });
    const scheduler = await bed.scheduler({ master: master.address });
    const workload = new Workload(bed);
    // Their updates need more room than the last page of the journal may have left.
    const running = [...workload.commands('command', 30), ...workload.custom('custom', 2)];
    const later = workload.command('later');
    await workload.launch(scheduler, running);

    const makeRoom = fill(disk);
    const name = 'x'.repeat(LONG);
    await scheduler.launch(new Map([['refused', {}]]), (task) => ({ ...task, name }));
    await scheduler.until('the launch is refused', ({ updates }) =>
      updates.some(({ task_id }) => task_id.value === 'refused'),
    );
    const refusal = scheduler.driver.latest('refused');
    expect(refusal).toMatchObject({
      state: 'TASK_DROPPED',
      message: 'The disk of the agent is full: the task could not be recorded',
    });
    for (const [index, task] of running.entries()) task.exit(index);
    await bed.until('the tasks end', () => !running.some(({ lives }) => lives));
    await agent.child.said(/disk is full, checkpoints wait/);
    const ends = scheduler.driver.updates.filter(({ state }) => /FINISHED|FAILED/.test(state));
    const held = running.length - ends.length;
    expect(held).toBeGreaterThan(0);
    expect(agent.child.over).toBe(false);

    const roomAt = performance.now();
    makeRoom();
    const [first, ...others] = running.map(({ id }) => id);
    await scheduler.reach('TASK_FINISHED', first ?? '');
    await scheduler.reach('TASK_FAILED', ...others);
    const ms = performance.now() - roomAt;
    await workload.launch(scheduler, [later]);
    const stories = storiesOf(
      scheduler.driver.updates.filter(({ task_id }) => task_id.value !== 'refused'),
    );
    for (const [index, { id }] of running.entries())
      if (index > 0) expect(stories.get(id)?.last.message).toMatch(new RegExp(`(^| )${index}$`));
    process.stdout.write(
      `${held} of ${held} held updates delivered ${ms.toFixed(0)} ms after there was room\n`,
    );
  });

  test('a master ends when it cannot write its registry, says so, and goes on when there is room', async () => {
    await using bed = new Bed();
    const disk = bed.tmpfs('disk', DISK);
    const port = await freePort();
    const flags = { port, work_dir: `${disk}/master` };
    let master = await bed.master(flags);
    await bed.agent(master);
    const scheduler = await bed.scheduler({ master: master.address });
    const workload = new Workload(bed);
    const tasks = workload.commands('task', 3);
    await workload.launch(scheduler, tasks);

    const makeRoom = fill(disk);
    // The registry must take note of a new agent, and of all that it says of itself.
    const [work_dir, runtime_dir] = [bed.path('second'), bed.path('second-run')];
    const attributes = `rack:${'r'.repeat(LONG)}`;
    await bed.agent(master, { work_dir, runtime_dir, attributes });
    expect(await master.child.end()).toEqual({ code: 1, signal: null });
    expect(master.child.output).toMatch(/^mesos: .*store the registry.*no space left on device/m);

    makeRoom();
    master = await bed.master(flags);
    for (const task of tasks) task.exit(0);
    await scheduler.reach('TASK_FINISHED', ...tasks.map(({ id }) => id));
    process.stdout.write(`${tasks.length} of ${tasks.length} tasks went on through it\n`);
  });
});
