import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Bed, type Daemon } from './support/bed.ts';
import { Workload } from './support/workload.ts';

const disabled = (...paths: readonly string[]): string =>
  JSON.stringify({ disabled_endpoints: { paths } });

async function ask({ address }: Daemon, path: string): Promise<[status: number, body: string]> {
  const answer = await fetch(`http://${address}${path}`);
  const body = await answer.text();
  return [answer.status, answer.status === 403 ? body : ''];
}

describe('a cluster with --firewall_rules', () => {
  test('refuses what they close, before it looks at the request, and runs tasks', async () => {
    await using bed = new Bed();
    writeFileSync(bed.path('rules.json'), `${disabled('/metrics/snapshot', '/master/teardown')}\n`);
    const master = await bed.master({ firewall_rules: `file://${bed.path('rules.json')}` });
    const agent = await bed.agent(master, { firewall_rules: disabled('/slave(1)/state') });

    expect(await ask(master, '/metrics/snapshot')).toEqual([
      403,
      "Endpoint '/metrics/snapshot' is disabled",
    ]);
    // A GET of it is 405 where it is open.
    expect(await ask(master, '/master/teardown')).toEqual([
      403,
      "Endpoint '/master/teardown' is disabled",
    ]);
    expect(await ask(master, '/teardown')).toEqual([
      403,
      "Endpoint '/master/teardown' is disabled",
    ]);
    expect(await ask(agent, '/slave(1)/state')).toEqual([
      403,
      "Endpoint '/slave(1)/state' is disabled",
    ]);
    expect(await ask(master, '/master/state')).toEqual([200, '']);
    expect(await ask(agent, '/metrics/snapshot')).toEqual([200, '']);

    const scheduler = await bed.scheduler({ master: master.address });
    const workload = new Workload(bed);
    const task = workload.command('task');
    await workload.launch(scheduler, [task]);
    task.exit(0);
    await scheduler.reach('TASK_FINISHED', task.id);
  });
});
