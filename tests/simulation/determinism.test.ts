import { describe, expect, test } from '@jest/globals';
import { startNode, type UPID } from '../../libprocess/index.ts';
import { poison, Simulation } from '../../libprocess/sim/index.ts';
import { Chatter } from './chatter.ts';

const PORT = 5050;

interface Peer {
  readonly chatter: Chatter;
  readonly pid: UPID;
  readonly ip: string;
}

/** Three nodes that talk while links break, partitions come and go and one node is killed. */
async function story(seed: number): Promise<{ hash: string; lines: number; received: number[] }> {
  const sim = new Simulation({ seed });
  const peers: Peer[] = [];
  const nodes = [sim.node(), sim.node(), sim.node()];
  for (const { runtime, machine } of nodes) {
    const node = await sim.complete(startNode({ runtime, ip: machine.ip, port: PORT }));
    const chatter = new Chatter('chatter');
    peers.push({ chatter, pid: node.spawn(chatter), ip: machine.ip });
  }
  for (let round = 0; round < 30; round += 1) {
    const [from, to] = sim.random.shuffle(peers);
    if (!from || !to) continue;
    from.chatter.watch(to.pid);
    from.chatter.say(to.pid, sim.random.between(1, 50), sim.random.between(0, 2_000));
    if (sim.random.chance(0.2)) sim.network.partition([from.ip], [to.ip]);
    if (sim.random.chance(0.3)) sim.network.heal();
    if (sim.random.chance(0.2)) sim.random.pick(sim.network.links())?.reset();
    if (round === 20 && nodes[2]) sim.kill(nodes[2]);
    await sim.advance(sim.random.within(0, 2_000));
  }
  sim.network.heal();
  await sim.advance(60_000);
  const received = peers.map(({ chatter }) => chatter.received.length);
  return { hash: sim.trace.hash, lines: sim.trace.count, received };
}

describe('nodes under faults', () => {
  test('do the same, to the last line of the trace, for the same seed', async () => {
    using poisoned = poison();
    expect(poisoned).toBeDefined();
    const hashes = new Set<string>();
    for (let seed = 0; seed < 10; seed += 1) {
      const [first, second] = [await story(seed), await story(seed)];
      expect({ seed, ...second }).toEqual({ seed, ...first });
      expect(Math.max(...first.received)).toBeGreaterThan(50);
      hashes.add(first.hash);
    }
    expect(hashes.size).toBe(10);
  });
});
