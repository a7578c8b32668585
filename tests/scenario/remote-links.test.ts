import { describe, expect, test } from '@jest/globals';
import { startNode, type ProcessManager, type UPID } from '../../libprocess/index.ts';
import { Simulation, type SimNode } from '../../libprocess/sim/index.ts';
import { Chatter } from '../simulation/chatter.ts';

interface Side {
  readonly os: SimNode;
  readonly node: ProcessManager;
  readonly chatter: Chatter;
  readonly pid: UPID;
}

async function boot(sim: Simulation): Promise<Side> {
  const os = sim.node();
  const { ip } = os.machine;
  const node = await sim.complete(startNode({ runtime: os.runtime, ip, port: 5050 }));
  const chatter = new Chatter('chatter');
  return { os, node, chatter, pid: node.spawn(chatter) };
}

async function pair(): Promise<{ sim: Simulation; a: Side; b: Side }> {
  const sim = new Simulation();
  return { sim, a: await boot(sim), b: await boot(sim) };
}

describe('a link to a process on another node', () => {
  test('asked to reconnect when there is no connection is a link like others [76f6d6b]', async () => {
    const { sim, a, b } = await pair();
    a.chatter.watch(b.pid, 'reconnect');
    await sim.advance(100);
    expect(sim.network.links()).toHaveLength(1);
    b.node.terminate(b.pid);
    await sim.advance(100);
    expect(a.chatter.exits).toEqual([b.pid.toString()]);
  });

  test('goes on watching when it is asked to reconnect [531eecb]', async () => {
    const { sim, a, b } = await pair();
    a.chatter.watch(b.pid);
    await sim.advance(100);
    a.chatter.watch(b.pid, 'reconnect');
    await sim.advance(100);
    b.node.terminate(b.pid);
    await sim.advance(100);
    expect(a.chatter.exits).toEqual([b.pid.toString()]);
  });

  test('of two linkers tells both when one of them has reconnected [225cda5]', async () => {
    const { sim, a, b } = await pair();
    const second = new Chatter('second');
    a.node.spawn(second);
    a.chatter.watch(b.pid);
    second.watch(b.pid);
    await sim.advance(100);
    second.watch(b.pid, 'reconnect');
    await sim.advance(100);
    sim.kill(b.os);
    await sim.advance(120_000);
    expect([a.chatter.exits, second.exits]).toEqual([[b.pid.toString()], [b.pid.toString()]]);
  });
});
