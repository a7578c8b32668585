import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { Bed } from './support/bed.ts';
import { storiesOf } from './support/ledger.ts';
import { LASTING } from './support/real-scheduler.ts';

const TASKS = 5;

describe('a scheduler killed by SIGKILL', () => {
  test('is followed by one of the same id, which is told all that was not acknowledged', async () => {
    await using bed = new Bed();
    const master = await bed.master();
    await bed.agent(master);
    const go = bed.path('go');
    const deaf = bed.start([
      process.execPath,
      bed.program('deaf-scheduler.js'),
      master.address,
      String(TASKS),
      `while [ ! -e ${go} ]; do sleep 0.1; done; exit 5`,
    ]);
    const [, frameworkId = ''] = await deaf.said(/"frameworkId":"([^"]+)"/);
    const ids = Array.from({ length: TASKS }, (_, index) => `task-${index}`);
    const told = await Promise.all(
      ids.map(async (id) => {
        const [, uuid = ''] = await deaf.said(new RegExp(`"${id}".*"uuid":"(\\w+)"`));
        return uuid;
      }),
    );
    await deaf.kill();

    const failedOverAt = performance.now();
    const scheduler = await bed.scheduler({
      master: master.address,
      framework: { ...LASTING, name: 'deaf', id: { value: frameworkId } },
    });
    await scheduler.reach('TASK_RUNNING', ...ids);
    const ms = performance.now() - failedOverAt;
    writeFileSync(go, '');
    await scheduler.reach('TASK_FAILED', ...ids);

    const stories = storiesOf(scheduler.driver.updates);
    for (const [index, id] of ids.entries()) {
      expect(stories.get(id)?.states).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED']);
      const first = scheduler.driver.updates.find(({ task_id }) => task_id.value === id);
      expect(Buffer.from(first?.uuid ?? []).toString('hex')).toBe(told[index]);
    }
    process.stdout.write(
      `${told.length} of ${TASKS} unacknowledged updates handed over, ${ms.toFixed(0)} ms after the failover\n`,
    );
  });
});
