import { expect, test } from '@jest/globals';
import { Killer } from './killer.ts';
import { installLauncher } from '../sim/sim-launcher.ts';
import { Simulation } from '../../../../libprocess/sim/index.ts';

test('waits for what it has begun to kill, when what is left shall be killed now', async () => {
  const sim = new Simulation({ seed: 1 });
  installLauncher(sim.programs);
  const { subprocesses, clock } = sim.node().runtime;
  const sandboxOf = (): undefined => undefined;
  const killer = new Killer({ subprocesses, clock, sandboxOf, isStarting: () => false });
  const { pid, exited } = await sim.complete(
    subprocesses.spawn({
      argv: ['/bin/sh', '-c', 'sleep 1000 & exit 0'],
      environment: { PATH: '/bin' },
      session: true,
      stdio: ['ignore', 'ignore', 'ignore'],
    }),
  );
  const startTime = subprocesses.inspect(pid)?.startTime ?? 0;
  await sim.complete(exited);
  const states = (): readonly string[] =>
    subprocesses.list().flatMap(({ session, state }) => (session === pid ? [state] : []));

  killer.bury({ containerId: 'c1', pid, startTime, sandbox: undefined });
  await sim.until(() => states().includes('T'));
  await sim.complete(killer.buryNow());
  expect(states()).toEqual(['Z']); // Dead, though nobody has reaped it.
});
