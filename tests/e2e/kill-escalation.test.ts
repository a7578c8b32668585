import { describe, expect, test } from '@jest/globals';
import { Bed } from './support/bed.ts';
import { storiesOf } from './support/ledger.ts';

const GRACE_MS = 1_000;
/** Deaf to SIGTERM, like all it starts; some of which leave its session, one also its parents. */
const STUBBORN = `trap '' TERM
  sleep 1000 &
  setsid sh -c 'sleep 1000 & sleep 1000' &
  (setsid sleep 1000 &)
  echo ready > $0
  while :; do sleep 1000; done`;
/** Wrapper, shell, two `sleep`s of it, the `sh` with its two, and the orphan. */
const PROCESSES = 8;

describe('killing a task that ignores SIGTERM', () => {
  test('ends all of its processes, those in sessions of their own too, after its grace period', async () => {
    await using bed = new Bed();
    const master = await bed.master();
    const agent = await bed.agent(master);
    const scheduler = await bed.scheduler({ master: master.address });
    const argv = ['sh', '-c', STUBBORN, bed.path('ready')];
    const command = { shell: false, value: '/bin/sh', arguments: argv };
    await scheduler.launch(new Map([['stubborn', { command }]]));
    await scheduler.reach('TASK_RUNNING', 'stubborn');
    const daemons = (): number =>
      bed.processes().filter((line) => /mesos(-launcher)?\.js/.test(line)).length;
    const started = (): number => bed.processes().length - daemons();
    await bed.until('all of its processes run', () => started() >= PROCESSES);
    const count = started();

    const killedAt = performance.now();
    const grace_period = { nanoseconds: BigInt(GRACE_MS) * 1_000_000n };
    scheduler.driver.killTask('stubborn', { killPolicy: { grace_period } });
    await scheduler.reach('TASK_KILLED', 'stubborn');
    const ms = performance.now() - killedAt;
    expect(ms).toBeGreaterThanOrEqual(GRACE_MS);
    expect(bed.processes().filter((line) => /sleep|STUBBORN/.test(line))).toEqual([]);
    expect(storiesOf(scheduler.driver.updates).get('stubborn')?.states).toEqual([
      'TASK_STARTING',
      'TASK_RUNNING',
      'TASK_KILLING',
      'TASK_KILLED',
    ]);
    process.stdout.write(
      `${count} of ${count} processes ended, ${ms.toFixed(0)} ms after the kill\n`,
    );

    await agent.child.stop();
    await master.child.stop();
    await bed.until('the launcher ends', () => bed.processes().length === 0);
  });
});
