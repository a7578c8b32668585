import { describe, expect, test } from '@jest/globals';
import { describeSubprocesses } from '../../../tests/conformance/subprocess.ts';
import type { Subprocess } from '../../subprocess.ts';
import { Simulation, type SimNode } from '../simulation.ts';
import type { Program } from './program.ts';

const PROGRAMS: Readonly<Record<string, Program>> = {
  exit: ({ argv, exit }) => exit(Number(argv[1])),
  print: ({ print, exit }) => {
    print('out');
    print('err', 2);
    exit(0);
  },
  cat: ({ onInput, print, exit }) =>
    onInput(
      (line) => print(`${line}\n`),
      () => exit(0),
    ),
  environment: ({ environment, print, exit }) => {
    const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
    print(lines.sort().join(''));
    exit(0);
  },
  'working-directory': ({ workingDirectory, print, exit }) => {
    print(workingDirectory);
    exit(0);
  },
  sleep: () => undefined,
  stubborn: ({ onSignal, print }) => {
    onSignal('SIGTERM', () => undefined);
    print('ready\n');
  },
  flood: ({ argv, print, exit }) => {
    for (let left = Number(argv[1]); left > 0; left -= 10_000) {
      print('x'.repeat(Math.min(left, 10_000)));
    }
    exit(0);
  },
  descriptors: ({ descriptors, print, exit }) => {
    print(descriptors.join(' '));
    exit(0);
  },
  parent: ({ fork, print }) => print(`${fork(() => undefined)}\n`),
};

function simulation(seed = 0): Simulation {
  const sim = new Simulation({ seed });
  for (const [name, program] of Object.entries(PROGRAMS))
    sim.programs.define(`/bin/${name}`, program);
  return sim;
}

describeSubprocesses('SimSubprocesses', async () => {
  const sim = simulation();
  const { runtime, pid } = sim.node();
  await sim.complete(runtime.disk.makeDirectory('/root'));
  return {
    it: runtime.subprocesses,
    clock: runtime.clock,
    disk: runtime.disk,
    root: '/root',
    pid,
    environment: { PATH: '/usr/bin:/bin' },
    programs: {
      exit: (code) => ['exit', String(code)],
      print: ['print'],
      cat: ['/bin/cat'],
      environment: ['environment'],
      workingDirectory: ['working-directory'],
      sleep: ['sleep'],
      stubborn: ['stubborn'],
      parent: ['parent'],
      flood: (bytes) => ['flood', String(bytes)],
      descriptors: ['descriptors'],
    },
    complete: (promise) => sim.complete(promise),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
});

async function spawned(sim: Simulation, node: SimNode, name: string): Promise<Subprocess> {
  const stdio = ['pipe', 'pipe', 'ignore'] as const;
  const options = { argv: [`/bin/${name}`], environment: {}, session: true, stdio } as const;
  return sim.complete(node.runtime.subprocesses.spawn(options));
}

describe('a simulated process', () => {
  test('outlives the parent that is killed, and belongs to process 1 then', async () => {
    const sim = simulation();
    const node = sim.node();
    const child = await spawned(sim, node, 'sleep');
    sim.kill(node);
    const next = sim.boot(node.machine).runtime.subprocesses;
    expect(next.inspect(child.pid)).toMatchObject({ parent: 1, session: child.pid, state: 'S' });
    expect(next.signal(child.pid, 'SIGKILL')).toBe(true);
    await sim.settle();
    expect(next.inspect(child.pid)?.state).toBe('Z');
    await sim.advance(5_000);
    expect(next.inspect(child.pid)).toBeUndefined();
  });

  test('stays a zombie while its parent is stopped', async () => {
    const sim = simulation();
    const node = sim.node();
    const other = sim.boot(node.machine).runtime.subprocesses;
    const child = await spawned(sim, node, 'sleep');
    other.signal(node.pid, 'SIGSTOP');
    other.signal(child.pid, 'SIGTERM');
    await sim.advance(60_000);
    expect(other.inspect(child.pid)?.state).toBe('Z');
    expect(child.exited.isPending).toBe(true);
    other.signal(node.pid, 'SIGCONT');
    expect(await sim.complete(child.exited)).toEqual({ signal: 'SIGTERM' });
  });

  test('sees the end of its input when its parent is killed', async () => {
    const sim = simulation();
    const node = sim.node();
    const child = await spawned(sim, node, 'cat');
    sim.kill(node);
    await sim.advance(10_000);
    expect(node.machine.processes.inspect(child.pid)).toBeUndefined();
  });

  test('can have a descriptor of its parent for its own', async () => {
    const sim = simulation();
    const { runtime } = sim.node();
    sim.programs.define('/bin/outer', ({ runtime: inner }) => {
      const stdio = ['ignore', { descriptor: 3 }] as const;
      inner.subprocesses.spawn({ argv: ['/bin/print'], environment: {}, stdio });
    });
    const out = { path: '/out', mode: 'append' } as const;
    const stdio = ['ignore', 'ignore', 'ignore', out] as const;
    await sim.complete(
      runtime.subprocesses.spawn({ argv: ['/bin/outer'], environment: {}, stdio }),
    );
    await sim.advance(100);
    const printed = await sim.complete(runtime.disk.readFile('/out'));
    expect(new TextDecoder().decode(printed)).toBe('out');
  });

  test('that is supervised ends with its parent, and so does what it has started', async () => {
    const sim = simulation();
    const node = sim.node();
    const options = { argv: ['/bin/parent'], environment: {}, supervised: true } as const;
    await sim.complete(node.runtime.subprocesses.spawn(options));
    await sim.advance(10);
    expect(node.machine.processes.list()).toHaveLength(4);
    sim.kill(node);
    await sim.advance(10_000);
    expect(node.machine.processes.list()).toHaveLength(1);
  });

  test('never runs its program when its parent dies while hooks run', async () => {
    const sim = simulation();
    const node = sim.node();
    let pid = 0;
    let ran = false;
    sim.programs.define('/bin/witness', () => (ran = true));
    const forever = new Promise<void>(() => undefined);
    const parentHooks = [(its: number): Promise<void> => ((pid = its), forever)];
    node.runtime.subprocesses.spawn({ argv: ['/bin/witness'], environment: {}, parentHooks });
    await sim.until(() => pid !== 0);
    sim.kill(node);
    await sim.advance(10_000);
    expect(node.machine.processes.inspect(pid)).toBeUndefined();
    expect(ran).toBe(false);
  });

  test('ends with its machine, whose next boot gives its pid to another', async () => {
    const sim = simulation();
    const node = sim.node();
    const child = await spawned(sim, node, 'sleep');
    const { bootId } = node.runtime.host;
    sim.reboot(node.machine);
    const next = sim.boot(node.machine);
    expect(next.runtime.host.bootId).not.toBe(bootId);
    expect(next.runtime.subprocesses.list().map(({ pid }) => pid)).toEqual([1, next.pid]);
    expect(next.pid).toBe(node.pid);
    expect((await spawned(sim, next, 'sleep')).pid).toBe(child.pid);
    expect(child.exited.isPending).toBe(true);
  });

  test('may have been started when its parent is killed before it could know', async () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 60; seed += 1) {
      const sim = simulation(seed);
      const node = sim.node();
      const known: Subprocess[] = [];
      node.runtime.subprocesses
        .spawn({ argv: ['/bin/sleep'], environment: {} })
        .onReady((child) => known.push(child));
      await sim.advance(3);
      if (known.length > 0) continue;
      sim.kill(node);
      await sim.advance(10_000);
      outcomes.add(node.machine.processes.list().length > 1 ? 'orphan' : 'nobody');
    }
    expect([...outcomes].sort()).toEqual(['nobody', 'orphan']);
  });

  test('can be a node itself: what it serves ends with it', async () => {
    const sim = simulation();
    sim.programs.define('/bin/server', ({ runtime }) => {
      runtime.network.listen(
        { ip: '0.0.0.0', port: 7_000 },
        {
          upgrade: () => ({ accept: false, status: 404, headers: {} }),
          request: () => {
            throw new Error('not asked here');
          },
        },
      );
    });
    const node = sim.node();
    const child = await spawned(sim, node, 'server');
    await sim.advance(10);
    const dial = (): Promise<string> =>
      new Promise((resolve) => {
        const address = `${node.machine.ip}:7000`;
        node.runtime.network.dial(
          { address, path: '/', headers: {}, timeoutMs: 1_000 },
          (outcome) => {
            resolve(outcome.kind);
            return undefined;
          },
        );
      });
    expect(await sim.complete(dial())).toBe('refused');
    child.signal('SIGTERM');
    expect(await sim.complete(child.exited)).toEqual({ signal: 'SIGTERM' });
    expect(await sim.complete(dial())).toBe('failed');
  });
});
