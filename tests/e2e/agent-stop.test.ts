import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { Bed, freePort } from './support/bed.ts';
import { storiesOf } from './support/ledger.ts';
import { LASTING } from './support/real-scheduler.ts';
import { Workload } from './support/workload.ts';

const RECOVERY_TIMEOUT_MS = 2_000;

describe('an agent', () => {
  test('stopped by SIGTERM leaves its checkpointed tasks to the next, and ends the others', async () => {
    await using bed = new Bed();
    const master = await bed.master();
    const port = await freePort();
    const agent = await bed.agent(master, { port });
    const lasting = await bed.scheduler({ master: master.address });
    const fleeting = await bed.scheduler({
      master: master.address,
      framework: { ...LASTING, name: 'fleeting', checkpoint: false },
    });
    const workload = new Workload(bed);
    const kept = [...workload.commands('kept', 20), ...workload.custom('custom', 2)];
    const lost = workload.commands('lost', 3);
    await workload.launch(lasting, kept);
    const before = kept.map((task) => task.identity);
    // Offered again once the first framework has declined the rest.
    for (const [id] of lasting.driver.offers) lasting.driver.declineOffer(id);
    await workload.launch(fleeting, lost);

    expect(await agent.child.stop()).toEqual({ code: 0, signal: null });
    await bed.until('the others end', () => !lost.some(({ lives }) => lives));
    expect(kept.map((task) => task.identity)).toEqual(before);
    expect(existsSync(bed.path('agent', 'meta', 'slaves'))).toBe(true);
    expect(existsSync(bed.path('agent', 'meta', 'journal'))).toBe(false);
    await fleeting.until('they are lost', ({ updates }) => updates.length >= 9);

    await bed.agent(master, { port });
    for (const task of kept) task.exit(7);
    await lasting.reach('TASK_FAILED', ...kept.map(({ id }) => id));
    expect(storiesOf(lasting.driver.updates).size).toBe(kept.length);
    const said = kept.map(({ id }) =>
      lasting.driver.latest(id)?.message?.replace(/^Command exited with status /, ''),
    );
    expect(said).toEqual(kept.map(() => '7'));
    for (const { id } of lost) {
      expect(fleeting.driver.statesOf(id)).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_LOST']);
    }
    process.stdout.write(
      `${kept.length} of ${kept.length} checkpointed tasks kept, ${lost.length} of ${lost.length} others ended\n`,
    );
  });

  test('killed and never replaced has its tasks ended after its recovery timeout', async () => {
    await using bed = new Bed();
    const master = await bed.master();
    const agent = await bed.agent(master, { recovery_timeout: `${RECOVERY_TIMEOUT_MS}ms` });
    const scheduler = await bed.scheduler({ master: master.address });
    const workload = new Workload(bed);
    const tasks = [...workload.commands('command', 5), ...workload.custom('custom', 2)];
    await workload.launch(scheduler, tasks);

    const killedAt = performance.now();
    await agent.child.kill();
    await bed.until('the first task ends', () => !tasks.every(({ lives }) => lives));
    expect(performance.now() - killedAt).toBeGreaterThanOrEqual(RECOVERY_TIMEOUT_MS);
    await bed.until('all tasks end', () => !tasks.some(({ lives }) => lives));
    const ms = performance.now() - killedAt;
    await master.child.stop();
    await bed.until('launcher and executor end', () => bed.processes().length === 0);
    process.stdout.write(
      `${tasks.length} of ${tasks.length} tasks ended ${ms.toFixed(0)} ms after the kill\n`,
    );
  });
});
