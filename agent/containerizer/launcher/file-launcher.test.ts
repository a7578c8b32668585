import { describe, expect, test } from '@jest/globals';
import { Future } from '../../../libprocess/future.ts';
import { Simulation, type SimNode } from '../../../libprocess/sim/index.ts';
import type { BackendListener, LauncherBackend } from './backend.ts';
import { FileLauncher } from './file-launcher.ts';
import type { RunSpecification } from './launcher.ts';

const RUNTIME_DIRECTORY = '/var/run/mesos';

const RUN: RunSpecification = {
  containerId: 'run',
  argv: ['/bin/true'],
  environment: {},
  sandbox: '/sandbox',
  stdout: '/sandbox/stdout',
  stderr: '/sandbox/stderr',
  checkpoint: true,
};

/** A launcher whose wrappers do nothing: the test says what becomes of them. */
async function launching(node: SimNode, sim: Simulation) {
  const { runtime } = node;
  await sim.complete(runtime.disk.makeDirectory(`${RUNTIME_DIRECTORY}/containers/run`));
  const nothing = (): void => undefined;
  const backend: LauncherBackend = {
    start: nothing,
    watch: nothing,
    release: nothing,
    signal: nothing,
    destroy: () => Future.ready(),
    usage: () => Future.ready(undefined),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const listeners: BackendListener[] = [];
  const options = { runtimeDirectory: RUNTIME_DIRECTORY, recoveryTimeoutMs: 60_000 };
  const launcher = new FileLauncher(runtime, options, (listener) => {
    listeners.push(listener);
    return backend;
  });
  const launched = launcher.launch(RUN);
  return { launched, gone: () => listeners.forEach((listener) => listener.gone('run')) };
}

describe('a run whose wrapper is gone before it has claimed it', () => {
  test('is refused, also if its files are just being looked at', async () => {
    const sim = new Simulation();
    const node = sim.node();
    const { launched, gone } = await launching(node, sim);
    node.machine.disk.latency = { minMs: 100, maxMs: 200 };
    await sim.advance(1_050); // The first sweep reads its claim.
    gone();
    await sim.advance(5_000);
    expect(launched.isFailed).toBe(true);
  });

  test('is refused once there is room on the disk to say so', async () => {
    const sim = new Simulation();
    const node = sim.node();
    const { launched, gone } = await launching(node, sim);
    const failing = node.machine.disk.inject({ path: /claim$/, kind: 'open', code: 'ENOSPC' });
    gone();
    await sim.advance(5_000);
    expect(launched.isPending).toBe(true);
    failing[Symbol.dispose]();
    await sim.advance(5_000);
    expect(launched.isFailed).toBe(true);
  });
});
