import { describe, expect, test } from '@jest/globals';
import { Bed, type Daemon } from './support/bed.ts';
import type { Child } from './support/child.ts';
import { Workload } from './support/workload.ts';

const EX_IN_USE = 73;

const port = ({ address }: Daemon): string => address.slice(address.lastIndexOf(':') + 1);

/** The command ends by itself, with what a person reads: the reason, and what to do. */
async function refused(child: Child): Promise<{ code: number | null; said: string }> {
  const { code } = await child.end();
  const lines = child.output.split('\n');
  return {
    code,
    said: lines.slice(lines.findIndex((line) => line.startsWith('mesos: '))).join('\n'),
  };
}

const heldBy = (path: string, { child }: Daemon): string =>
  `mesos: Failed to lock '${path}': process ${child.pid} holds it\n` +
  'Each daemon needs directories of its own: see --work_dir, and --runtime_dir of agents.\n';

const listensAt = (address: string): string =>
  `mesos: Failed to listen on ${address}: address already in use (EADDRINUSE)\n` +
  'Another process listens there: stop it, or give another --port (0 picks a free one).\n';

describe('a daemon that cannot have what it needs ends, and says why', () => {
  test('its work directory, its runtime directory or its port, which the first one keeps', async () => {
    await using bed = new Bed();
    const master = await bed.master();
    const agent = await bed.agent(master);
    const scheduler = await bed.scheduler({ master: master.address });
    const workload = new Workload(bed);
    const task = workload.command('task');
    await workload.launch(scheduler, [task]);

    const other = { work_dir: bed.path('other'), runtime_dir: bed.path('other-run') };
    const { runtime_dir, work_dir } = other;
    const refusals = await Promise.all([
      refused(bed.agentProcess(master, { runtime_dir })),
      refused(bed.agentProcess(master, { work_dir })),
      refused(bed.agentProcess(master, { ...other, port: port(agent) })),
      refused(bed.agentProcess(master, { ...other, port: port(master) })),
      refused(bed.masterProcess({})),
      refused(bed.masterProcess({ work_dir: bed.path('master-2'), port: port(master) })),
    ]);
    expect(refusals.map(({ code }) => code)).toEqual(refusals.map(() => EX_IN_USE));
    expect(refusals.map(({ said }) => said)).toEqual([
      heldBy(bed.path('agent'), agent),
      heldBy(bed.path('run'), agent),
      listensAt(agent.address),
      listensAt(master.address),
      heldBy(bed.path('master'), master),
      listensAt(master.address),
    ]);

    task.exit(0);
    await scheduler.reach('TASK_FINISHED', task.id);
    expect([master, agent].map(({ child }) => child.over)).toEqual([false, false]);
    process.stdout.write(`${refusals.length} of ${refusals.length} refused clearly\n`);
  });
});
