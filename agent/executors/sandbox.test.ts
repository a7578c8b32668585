import { expect, test } from '@jest/globals';
import { Simulation } from '../../libprocess/sim/index.ts';
import { createSandbox } from './sandbox.ts';

const RUNS = '/work/slaves/S0/frameworks/F0/executors/E0/runs';

test('the newest run of an executor is the one that `latest` shows', async () => {
  const sim = new Simulation();
  const { runtime } = sim.node();
  for (const run of ['first', 'second']) {
    await sim.complete(createSandbox(runtime, { directory: `${RUNS}/${run}`, user: undefined }));
  }
  expect(await sim.complete(runtime.disk.readLink(`${RUNS}/latest`))).toBe(`${RUNS}/second`);
  expect((await sim.complete(runtime.disk.status(`${RUNS}/second`))).mode).toBe(0o750);
});

test('a task of a user that is not there gets no sandbox', async () => {
  const sim = new Simulation();
  const { runtime } = sim.node();
  await sim.complete(runtime.disk.makeDirectory('/etc'));
  await sim.complete(
    runtime.disk.writeFile('/etc/passwd', new TextEncoder().encode('a:x:1:1::/:\n')),
  );
  const made = createSandbox(runtime, { directory: `${RUNS}/first`, user: 'nobody-here' });
  await expect(sim.complete(made)).rejects.toThrow("There is no user 'nobody-here' on this agent");
});
