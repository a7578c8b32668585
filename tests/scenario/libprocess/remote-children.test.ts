import { describe, expect, test } from '@jest/globals';
import {
  dispatch,
  Nursery,
  Process,
  remote,
  RemoteChild,
  startNode,
  Supervisor,
  UPID,
  type ProcessManager,
  type RemoteChildOptions,
  type SupervisorOptions,
} from '../../../libprocess/index.ts';
import { CHILD } from '../../../libprocess/supervision/nursery-protocol.ts';
import { Simulation, type SimNode } from '../../../libprocess/sim/index.ts';

/** Tells what becomes of it, and does what it is told. */
class Worker extends Process {
  readonly #story: string[];
  constructor(id: string, story: string[]) {
    super(id);
    this.#story = story;
    this.installRaw('fail', () => {
      throw new RangeError('cracked');
    });
    this.installRaw('work', () => {
      this.#story.push('worked');
    });
  }
  protected override initialize(): void {
    this.#story.push(`+${this.id}`);
  }
  protected override finalize(): void {
    this.#story.push(`-${this.id}`);
  }
}

interface Host {
  readonly os: SimNode;
  readonly node: ProcessManager;
  readonly stories: string[];
}

class World {
  readonly sim = new Simulation();
  readonly story: string[] = [];

  async boot(): Promise<Host> {
    const os = this.sim.node();
    const node = await this.sim.complete(
      startNode({ runtime: os.runtime, ip: os.machine.ip, port: 5050 }),
    );
    return { os, node, stories: this.story };
  }

  /** Where workers can be made. */
  nursery({ node }: Host): UPID {
    const pid = node.spawn(
      new Nursery('nursery', {
        worker: (args) => new Worker(String(args), this.story),
        wreck: () => {
          throw new RangeError('no parts');
        },
      }),
    );
    return new UPID(pid.id, pid.address);
  }

  child(id: string, options: RemoteChildOptions) {
    return { id, start: () => new RemoteChild(id, options) };
  }

  async supervise(here: Host, options: SupervisorOptions) {
    const top = here.node.spawn(new Supervisor('top', options));
    await this.sim.advance(1_000);
    return top;
  }

  /** What has happened since the last time. */
  told(): string {
    return this.story.splice(0).join(' ');
  }

  async send(host: Host, id: string, name: string): Promise<void> {
    const to = new UPID(id, host.node.address);
    class Once extends Process {
      protected override initialize(): void {
        this.post(to, name, Uint8Array.of());
        this.node.terminate(this.self);
      }
    }
    host.node.spawn(new Once(`once-${name}`));
    await this.sim.advance(1_000);
  }
}

const MANY = { intensity: 100, period: '5s' } as const;

/** A supervisor of `a` here, `b` there and `c` there, in this order. */
async function tree(options: Partial<SupervisorOptions> = {}) {
  const world = new World();
  const [there, here] = [await world.boot(), await world.boot()];
  const nursery = world.nursery(there);
  const top = await world.supervise(here, {
    limits: MANY,
    ...options,
    children: [
      { id: 'a', start: () => new Worker('a', world.story) },
      world.child('b', { nursery, make: 'worker', args: 'b' }),
      world.child('c', { nursery, make: 'worker', args: 'c' }),
    ],
  });
  return { world, here, there, nursery, top };
}

const sorted = (told: string): string => told.split(' ').sort().join(' ');

describe('a supervisor of processes on another node', () => {
  test.each([
    ['one-for-one', '+b -b'],
    ['rest-for-one', '+b +c -b -c'],
    ['one-for-all', '+a +b +c -a -b -c'],
  ] as const)('%s: a far one that throws is told as %s', async (strategy, told) => {
    const { world, there } = await tree({ strategy });
    expect(sorted(world.told())).toBe('+a +b +c');
    await world.send(there, 'b', 'fail');
    expect(sorted(world.told())).toBe(told);
  });

  test.each([
    ['permanent', '-b +b', '-b +b'],
    ['transient', '-b +b', '-b'],
    ['temporary', '-b', '-b'],
  ] as const)('a %s one that throws: %s; that ends: %s', async (restart, thrown, ended) => {
    for (const [way, told] of [
      ['throw', thrown],
      ['end', ended],
    ]) {
      const world = new World();
      const [there, here] = [await world.boot(), await world.boot()];
      const nursery = world.nursery(there);
      const child = world.child('b', { nursery, make: 'worker', args: 'b' });
      await world.supervise(here, { limits: MANY, children: [{ ...child, restart }] });
      world.told();
      if (way === 'throw') await world.send(there, 'b', 'fail');
      else there.node.terminate(new UPID('b', there.node.address));
      await world.sim.advance(1_000);
      expect([way, world.told()]).toEqual([way, told]);
    }
  });

  test('stops the far ones in reverse order, each after what waits in its mailbox', async () => {
    const { world, here, there, top } = await tree();
    world.told();
    await world.send(there, 'b', 'work');
    const done = dispatch(top, 'shutdown');
    await world.sim.advance(1_000);
    expect([world.told(), done.isReady]).toEqual(['worked -c -b -a', true]);
    expect([here.node.has('top'), there.node.has('nursery')]).toEqual([false, true]);
  });

  test('that is terminated takes the far ones with it, and so does its node', async () => {
    const first = await tree();
    first.world.told();
    first.here.node.terminate(first.top);
    await first.world.sim.advance(1_000);
    expect(sorted(first.world.told())).toBe('-a -b -c');

    const second = await tree();
    second.world.told();
    second.world.sim.kill(second.here.os);
    await second.world.sim.advance(60_000);
    expect(sorted(second.world.told())).toBe('-b -c');
  });

  test('starts them on the node that has come back after a kill', async () => {
    const world = new World();
    const [there, here] = [await world.boot(), await world.boot()];
    const nursery = world.nursery(there);
    const upids: string[] = [];
    await world.supervise(here, {
      children: [
        world.child('b', {
          nursery,
          make: 'worker',
          args: 'b',
          started: (upid) => upids.push(upid.toString()),
        }),
      ],
    });
    world.told();
    world.sim.kill(there.os);
    await world.sim.advance(20_000);
    expect(world.told()).toBe('');
    const os = world.sim.boot(there.os.machine);
    const node = await world.sim.complete(
      startNode({ runtime: os.runtime, ip: os.machine.ip, port: 5050 }),
    );
    world.nursery({ os, node, stories: world.story });
    await world.sim.advance(20_000);
    expect(world.told()).toBe('+b');
    expect(upids).toEqual(Array(2).fill(`b@${there.node.address}`));
    const [restarted] = world.sim.logs.filter(
      ({ message }) => message === 'A child is started again',
    );
    expect(restarted?.fields).toMatchObject({ child: 'b', restarts: 1 });
  });

  test('has one of each again after a partition that both sides have noticed', async () => {
    const { world, there } = await tree();
    world.told();
    world.sim.network.isolate(there.node.address);
    await world.sim.advance(100_000);
    world.sim.network.heal();
    await world.sim.advance(60_000);
    expect(world.told()).toBe('-b -c +b +c');
  });

  test('gives up when the node stays away for longer than its patience, too often', async () => {
    const world = new World();
    const [there, here] = [await world.boot(), await world.boot()];
    const nursery = world.nursery(there);
    world.sim.kill(there.os);
    await world.supervise(here, {
      limits: { intensity: 1, period: '1mins' },
      children: [world.child('b', { nursery, make: 'worker', args: 'b', patience: '10s' })],
    });
    await world.sim.advance(18_000);
    expect(here.node.has('top')).toBe(true);
    await world.sim.advance(2_000);
    expect(here.node.has('top')).toBe(false);
  });

  test.each([
    ['wreck', "start 'wreck': no parts"],
    ['ship', "start 'ship': Nursery 'nursery' makes no 'ship'; it has: worker, wreck"],
  ])('hears why a %s cannot be made', async (make, why) => {
    const world = new World();
    const [there, here] = [await world.boot(), await world.boot()];
    const nursery = world.nursery(there);
    await world.supervise(here, { children: [world.child('b', { nursery, make })] });
    expect(here.node.has('top')).toBe(false);
    expect(world.sim.logs.map(({ fields }) => String(fields['error']))).toContain(
      `RemoteChildError: Child 'b' failed to ${why}`,
    );
  });

  test('believes nobody but the nursery that it has asked', async () => {
    const { world, here, there } = await tree();
    world.told();
    const b = remote(there.node, CHILD, new UPID('b', here.node.address));
    b.ended({ reason: 'failed', why: 'so it is said' });
    b.refused('so it is said');
    await world.sim.advance(1_000);
    expect(world.told()).toBe('');
  });
});
