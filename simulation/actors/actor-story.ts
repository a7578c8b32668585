import type { Millis } from '../../libprocess/clock.ts';
import type { PID } from '../../libprocess/pid.ts';
import type { ProcessManager } from '../../libprocess/process-manager.ts';
import { startNode } from '../../libprocess/start-node.ts';
import { LAN, WAN } from '../../libprocess/sim/network/link-conditions.ts';
import type { Machine, SimNode, Simulation } from '../../libprocess/sim/index.ts';
import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import { UPID } from '../../libprocess/upid.ts';
import { BufferChecks } from './buffer-checks.ts';
import { LinkChecks } from '../checks/link-checks.ts';
import { MessageChecks } from '../checks/message-checks.ts';
import { InvariantError, observeWorld } from '../checks/observe-world.ts';
import { someFaults } from '../gossip/faults.ts';
import { ActorOracle, type Life } from './actor-oracle.ts';
import { flood } from './flood.ts';
import { askInTurn } from './pipelining.ts';
import { TestedProcess, type Stage } from './tested-process.ts';

const MACHINES = 3;
const PORT = 7_100;
const IDS = ['actor(1)', 'actor(2)', 'actor(3)'] as const;
const STEPS_MAX = 7;
const GAP_MS_MAX: Millis = 4_000;
const HEALED_MS: Millis = 20_000;
/** Twice what it takes to find out that a connection is half open, and what is owed after that. */
const REST_MS: Millis = 150_000;
const CLOSED_MS: Millis = 60_000;
/** One seed in so many sends more than a connection holds. */
const FLOOD_CHANCE = 0.1;

interface Member {
  readonly machine: Machine;
  process: SimNode;
  node: ProcessManager;
  here: PID<TestedProcess>[];
  lifeOf: WeakMap<UPID, Life>;
  lives: number;
}

export interface ActorStory {
  /** How often each kind of turn was taken. */
  readonly turns: ReadonlyMap<string, number>;
}

/**
 * Nodes of libprocess alone, whose processes do all that processes can while connections and nodes fail,
 * until all is healed, comes to rest and is closed: P1 to P16.
 */
export async function actorStory(sim: Simulation): Promise<ActorStory> {
  const history = observeWorld(sim);
  new MessageChecks(history);
  new LinkChecks(history);
  new BufferChecks(history);
  const oracle = new ActorOracle(history);
  const random = sim.random.split('actors');
  sim.network.conditions.setLatency(random.pick([LAN, WAN]) ?? LAN);
  const machines = Array.from({ length: MACHINES }, () => sim.machine());
  const everybody = machines.flatMap(({ ip }) =>
    IDS.map((id) => new UPID(id, `${ip}:${String(PORT)}`)),
  );
  const company: Company = { sim, random, oracle, everybody, members: [] };
  const { members } = company;
  for (const machine of machines)
    members.push({ machine, lives: 1, ...(await boot(company, machine)) });
  await suffer(company);
  sim.network.heal();
  sim.network.conditions.setLatency(LAN);
  await sim.advance(HEALED_MS);
  history.calm();
  const orphans = new Set(
    connections(company)
      .filter(({ orphan }) => orphan)
      .map(({ ends }) => ends),
  );
  await askInTurn(company);
  for (const { node } of members) {
    for (const { process } of node.processes())
      if (process instanceof TestedProcess) node.post(process.self, () => process.fallSilent());
  }
  await sim.advance(REST_MS);
  history.rest();
  await close(company, orphans);
  const [first] = history.violations;
  if (first) throw new InvariantError(`${first.id}: ${first.what}`);
  return { turns: oracle.counts };
}

/** Who takes part. */
export interface Company {
  readonly sim: Simulation;
  readonly random: SimRandom;
  readonly oracle: ActorOracle;
  readonly everybody: readonly UPID[];
  readonly members: Member[];
}

async function suffer(company: Company): Promise<void> {
  const { sim, random, members } = company;
  const faults = someFaults(random);
  const floods = random.chance(FLOOD_CHANCE);
  for (let left = random.between(3, STEPS_MAX); left > 0; left -= 1) {
    await sim.advance(random.between(1, GAP_MS_MAX));
    if (random.chance(0.7)) await random.pick(faults)?.({ sim, random, members });
    for (const member of members) {
      if (!member.process.alive) {
        Object.assign(member, await boot(company, member.machine));
        member.lives += 1;
      }
      populate(company, member);
    }
  }
  if (floods) await flood(company);
}

async function boot(
  company: Company,
  machine: Machine,
): Promise<Omit<Member, 'machine' | 'lives'>> {
  const { sim } = company;
  const process = sim.boot(machine);
  const { runtime } = process;
  const node = await sim.complete(startNode({ runtime, ip: machine.ip, port: PORT }));
  const life = { process, node, here: [], lifeOf: new WeakMap<UPID, Life>() };
  populate(company, { machine, ...life });
  return life;
}

/** Those that everybody knows are there again. */
function populate(
  { random, oracle, everybody }: Company,
  { process, node, here, lifeOf, machine }: Omit<Member, 'lives'>,
): void {
  const stage: Stage = {
    oracle,
    everybody,
    here,
    lifeOf,
    random: random.split(`${machine.ip} ${String(process.pid)} ${String(here.length)}`),
  };
  for (const id of IDS) if (!node.has(id)) new TestedProcess(stage, id, node.address).begin(node);
}

/**
 * Who serves HTTP to a machine that has lost its power never hears of it: such a connection, whose client is
 * another by now, is left to its kernel.
 */
function connections({ sim, members }: Company): readonly { ends: string; orphan: boolean }[] {
  const restarted = members.filter(({ lives }) => lives > 1).map(({ machine }) => machine.ip);
  return sim.network.links().map(({ client, server }) => ({
    ends: `${client} ${server}`,
    orphan: restarted.some((ip) => client.startsWith(`${ip}:`)),
  }));
}

/** P12: nothing is left of a node that is closed. */
async function close(company: Company, orphans: ReadonlySet<string>): Promise<void> {
  const { sim, members, oracle } = company;
  await sim.complete(Promise.all(members.map(({ node }) => node[Symbol.asyncDispose]())));
  await sim.advance(CLOSED_MS);
  oracle.closed({
    connections: connections(company).filter(({ ends }) => !orphans.has(ends)).length,
    processes: members.reduce((sum, { node }) => sum + [...node.processes()].length, 0),
    timers: members.reduce((sum, { process }) => sum + process.incarnation.pendingTimers, 0),
  });
}
