import { expect, test } from '@jest/globals';
import { Simulation } from '../../libprocess/sim/index.ts';
import { LayoutWriter } from './layout-writer.ts';

const SEEDS = 20;

test('a directory that was there already is synced when it holds a new one', async () => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const sim = new Simulation({ seed });
    const { machine, runtime } = sim.node();
    const layout = new LayoutWriter(runtime.disk, '/meta');
    for (const task of ['first', 'second']) {
      const path = `tasks/${task}/task.info`;
      await sim.complete(
        layout.apply([
          { op: { kind: 'put', path, bytes: new Uint8Array([1]) }, point: 'task-info' },
        ]),
      );
      await sim.complete(layout.sync(layout.takeUnsynced(), 1));
    }
    await sim.complete(runtime.disk.syncDirectory('/')); // Of what is above, others take care.
    sim.reboot(machine);
    const { disk } = sim.boot(machine).runtime;
    const names = await sim.complete(disk.readDirectory('/meta/tasks'));
    expect({ seed, names: names.map(({ name }) => name) }).toEqual({
      seed,
      names: ['first', 'second'],
    });
  }
});
