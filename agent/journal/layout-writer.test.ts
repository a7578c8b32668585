import { expect, test } from '@jest/globals';
import { Simulation } from '../../libprocess/sim/index.ts';
import { LayoutWriter } from './layout-writer.ts';

test('a directory that was there already is synced when it holds a new one', async () => {
  const sim = new Simulation();
  const { machine, runtime } = sim.node();
  const layout = new LayoutWriter(runtime.disk, '/meta');
  const record = (task: string) =>
    ({ kind: 'put', path: `tasks/${task}/task.info`, bytes: new Uint8Array([1]) }) as const;
  for (const task of ['first', 'second']) {
    await sim.complete(layout.apply([record(task)]));
    await sim.complete(layout.sync(layout.takeUnsynced(), 1));
  }
  await sim.complete(runtime.disk.syncDirectory('/')); // Of what is above, others take care.
  sim.reboot(machine);
  const { disk } = sim.boot(machine).runtime;
  const names = await sim.complete(disk.readDirectory('/meta/tasks'));
  expect(names.map(({ name }) => name)).toEqual(['first', 'second']);
});
