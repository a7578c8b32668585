import { describe, expect, test } from '@jest/globals';
import { Bed, freePort } from './support/bed.ts';
import { storiesOf } from './support/ledger.ts';
import { Workload } from './support/workload.ts';

const KILLS = 3;

describe('a master killed by SIGKILL', () => {
  test('is found again by agent and framework, and their tasks hear nothing of it', async () => {
    await using bed = new Bed();
    const port = await freePort();
    let master = await bed.master({ port });
    const agent = await bed.agent(master, { registration_backoff_factor: '1secs' });
    const scheduler = await bed.scheduler({ master: master.address, backoffMs: 2_000 });
    const workload = new Workload(bed);
    const lasting = [...workload.commands('command', 5), ...workload.custom('custom', 2)];
    const ending = [...workload.commands('ending', KILLS - 1), ...workload.custom('last', 1)];
    await workload.launch(scheduler, [...lasting, ...ending]);
    const identities = (): string[] => lasting.map((task) => task.identity);
    const before = identities();
    const { frameworkId } = scheduler.driver;

    const backMs: number[] = [];
    for (const [kill, task] of ending.entries()) {
      await master.child.kill();
      task.exit(0);
      await bed.until(`${task.id} ends`, () => !task.lives);
      master = await bed.master({ port });
      const upAt = performance.now();
      await scheduler.until('it is back', ({ registrations }) => registrations === kill + 2);
      await scheduler.reach('TASK_FINISHED', task.id);
      await scheduler.offer();
      backMs.push(performance.now() - upAt);
    }

    expect(identities()).toEqual(before);
    expect(scheduler.driver.frameworkId).toBe(frameworkId);
    for (const task of lasting) task.exit(0);
    await scheduler.reach('TASK_FINISHED', ...lasting.map(({ id }) => id));
    const updates = scheduler.driver.updates;
    expect(new Set(updates.map(({ slave_id }) => slave_id?.value)).size).toBe(1);
    for (const { states } of storiesOf(updates).values())
      expect(states.at(-1)).toBe('TASK_FINISHED');
    expect(agent.child.over).toBe(false);
    expect(scheduler.driver.lostAgents).toEqual([]);
    process.stdout.write(
      `${backMs.length} of ${KILLS} masters replaced; from its start to agent, framework, offers ` +
        `and news: ${backMs.map((ms) => ms.toFixed(0)).join(', ')} ms\n`,
    );
  });
});
