import { expect, test } from '@jest/globals';
import type { Launcher, RunSpecification } from '../../agent/containerizer/launcher/launcher.ts';
import {
  installLauncher,
  openSimLauncher,
} from '../../agent/containerizer/launcher/sim/sim-launcher.ts';
import type { SimNode, Simulation } from '../../libprocess/sim/index.ts';
import { forEachSeed } from './for-each-seed.ts';

const SEEDS = 100;
const RUNS = 8;
const OPTIONS = { runtimeDirectory: '/run/mesos', recoveryTimeoutMs: 60_000 };

const RUNS_OF_ONE_AGENT: readonly RunSpecification[] = Array.from({ length: RUNS }, (_, index) => ({
  containerId: `c${index}`,
  argv: ['/bin/sh', '-c', 'echo ran; sleep 900'],
  environment: { PATH: '/bin' },
  sandbox: `/sandboxes/c${index}`,
  stdout: `/sandboxes/c${index}/stdout`,
  stderr: `/sandboxes/c${index}/stderr`,
  checkpoint: true,
}));

/** Launches one run after the other, each a little later, and never waits for any. */
function launchAll({ runtime }: SimNode, launcher: Launcher): void {
  RUNS_OF_ONE_AGENT.forEach((run, index) => {
    runtime.clock.timer(index * 2, () => {
      void runtime.disk.makeDirectory(run.sandbox).then(() => launcher.launch(run));
    });
  });
}

async function story(sim: Simulation, seen: Set<string>): Promise<void> {
  installLauncher(sim.programs);
  const machine = sim.machine();
  const observer = sim.boot(machine);
  const first = sim.boot(machine);
  const before = await sim.complete(openSimLauncher(first.runtime, OPTIONS));
  launchAll(first, before);
  await sim.advance(sim.random.within(0, 40));
  if (sim.random.next() < 0.3 && before.link.pid !== undefined)
    observer.runtime.subprocesses.signal(before.link.pid, 'SIGKILL');
  sim.kill(first);
  await sim.advance(sim.random.within(0, 10));

  const second = sim.boot(machine);
  const launcher = await sim.complete(openSimLauncher(second.runtime, OPTIONS));
  const ends = new Map<string, number>();
  launcher.onEnded((containerId) => ends.set(containerId, (ends.get(containerId) ?? 0) + 1));
  const found = await sim.complete(launcher.recover(RUNS_OF_ONE_AGENT));
  expect(found.size).toBe(RUNS);
  for (const { kind } of found.values()) seen.add(kind);
  await sim.advance(10_000);

  for (const [containerId, { kind }] of found) {
    const printed = await sim.complete(
      observer.runtime.disk.readFile(`/sandboxes/${containerId}/stdout`).then(
        (bytes) => new TextDecoder().decode(bytes),
        () => '',
      ),
    );
    // What is said never to have started has not, and never did afterwards.
    if (kind === 'never-started') expect(printed).toBe('');
    else expect(printed).toBe('ran\n');
    if (kind === 'running') launcher.destroy(containerId);
  }
  await sim.advance(10_000);
  const running = [...found].filter(([, { kind }]) => kind === 'running').map(([id]) => id);
  expect([...ends].sort()).toEqual(running.map((id) => [id, 1] as const).sort());
}

const NAME = 'an agent may be killed at any moment: no task starts unknown, none is forgotten [T2]';

test(NAME, async () => {
  const seen = new Set<string>();
  await forEachSeed({ seeds: SEEDS, name: NAME }, (sim) => story(sim, seen));
  // The moments are well chosen if both sides of a claim are seen; one seed alone shows one.
  if (process.env['MESOS_SIM_SEED'] === undefined)
    expect([...seen].sort()).toEqual(['never-started', 'running']);
});
