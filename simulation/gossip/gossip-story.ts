import type { ProcessManager } from '../../libprocess/process-manager.ts';
import { startNode } from '../../libprocess/start-node.ts';
import { LAN, WAN, type Latency } from '../../libprocess/sim/network/link-conditions.ts';
import type { Machine, SimNode, Simulation } from '../../libprocess/sim/index.ts';
import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import { UPID } from '../../libprocess/upid.ts';
import { watchLibprocess } from '../checks/all-checks.ts';
import { someFaults } from './faults.ts';
import { GossipProcess } from './gossip-process.ts';

/** Now and then something arrives when nobody waits for it any more, dials above all. */
const LATE: Latency = { minMs: 20, maxMs: 120, tail: { probability: 0.02, maxMs: 15_000 } };
const MACHINES = 4;
const PORT = 7_000;
const IDS = ['gossip(1)', 'gossip(2)'] as const;
const FAULTS_MAX = 12;
const GAP_MS_MAX = 5_000;
const HEALED_MS = 20_000;
/** A loss is noticed within half a second. */
const NOTICED_MS = 600;
/** Twice what it takes to find out that a connection is half open, and what is owed after that. */
const REST_MS = 150_000;

interface Member {
  readonly machine: Machine;
  process: SimNode;
  node: ProcessManager;
}

interface Story {
  readonly sim: Simulation;
  readonly random: SimRandom;
  readonly members: Member[];
}

/**
 * Nodes of libprocess alone, whose processes talk and link in every way while connections and nodes
 * fail: P2 to P8 and P14 where each message says which it is, and each end matters to somebody.
 */
export async function gossipStory(sim: Simulation): Promise<void> {
  const invariants = watchLibprocess(sim);
  const story: Story = { sim, random: sim.random.split('gossip'), members: [] };
  const { random, members } = story;
  sim.network.conditions.setLatency(random.pick([LAN, WAN, LATE]) ?? LAN);
  const machines = Array.from({ length: MACHINES }, () => sim.machine());
  const everybody = machines.flatMap(({ ip }) =>
    IDS.map((id) => new UPID(id, `${ip}:${String(PORT)}`)),
  );
  for (const machine of machines) {
    members.push({ machine, ...(await begin(story, machine, everybody)) });
  }
  const faults = someFaults(random);
  for (let left = random.between(4, FAULTS_MAX); left > 0; left -= 1) {
    await sim.advance(random.between(1, GAP_MS_MAX));
    await random.pick(faults)?.(story);
    for (const member of members) {
      if (!member.process.alive)
        Object.assign(member, await begin(story, member.machine, everybody));
    }
  }
  sim.network.heal();
  sim.network.conditions.setLatency(LAN);
  await sim.advance(HEALED_MS);
  for (const link of random.shuffle(sim.network.links()).slice(0, 4))
    link.halfOpen(random.chance(0.5) ? 'client' : 'server');
  // Until one side of each has noticed: before that it may answer a probe, and be gone a moment later.
  await sim.advance(NOTICED_MS);
  invariants.calm();
  await sim.advance(1_000);
  for (const { node } of members) {
    for (const mailbox of node.processes()) {
      const { process, pid } = mailbox;
      if (process instanceof GossipProcess) node.post(pid, () => process.fallSilent());
    }
  }
  await sim.advance(REST_MS);
  invariants.atRest();
}

async function begin(
  { sim, random }: Story,
  machine: Machine,
  others: readonly UPID[],
): Promise<Pick<Member, 'process' | 'node'>> {
  const process = sim.boot(machine);
  const { runtime } = process;
  const node = await sim.complete(startNode({ runtime, ip: machine.ip, port: PORT }));
  for (const id of IDS) {
    node.spawn(new GossipProcess({ id, others, random: random.split(`${process.pid} ${id}`) }));
  }
  return { process, node };
}
