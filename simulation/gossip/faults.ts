import type { Machine, SimNode, Simulation } from '../../libprocess/sim/index.ts';
import type { SimRandom } from '../../libprocess/sim/sim-random.ts';

const AWAY_MS_MAX = 10_000;
const PARTED_MS_MAX = 45_000;
const PAUSED_MS_MAX = 60_000;

/** What faults strike: machines with one node each. */
export interface Struck {
  readonly sim: Simulation;
  readonly random: SimRandom;
  readonly members: readonly { readonly machine: Machine; readonly process: SimNode }[];
}

export type Fault = (struck: Struck) => void | Promise<void>;

const FAULTS: readonly Fault[] = [
  ({ sim, random }) => random.pick(sim.network.links())?.reset(),
  ({ sim, random }) =>
    random.pick(sim.network.links())?.halfOpen(random.chance(0.5) ? 'client' : 'server'),
  async ({ sim, random, members }) => {
    const [one, other] = random.shuffle(members);
    if (!one || !other) return;
    const oneWay = random.chance(0.5);
    sim.network.partition([one.machine.ip], [other.machine.ip], { oneWay });
    await sim.advance(random.between(10, PARTED_MS_MAX));
    sim.network.heal();
  },
  async ({ sim, random, members }) => {
    const member = random.pick(members);
    if (!member) return;
    sim.kill(member.process);
    await sim.advance(random.between(1, AWAY_MS_MAX));
  },
  async ({ sim, random, members }) => {
    const member = random.pick(members);
    if (!member) return;
    sim.powerOff(member.machine);
    await sim.advance(random.between(1, AWAY_MS_MAX));
    sim.powerOn(member.machine);
  },
  async ({ sim, random, members }) => {
    const member = random.pick(members);
    if (!member) return;
    const { processes } = member.machine;
    processes.signal(member.process.pid, 'SIGSTOP');
    await sim.advance(random.between(100, PAUSED_MS_MAX));
    processes.signal(member.process.pid, 'SIGCONT');
  },
];

/** Some of what connections and nodes can suffer. A node that dies is to be started again. */
export const someFaults = (random: SimRandom): readonly Fault[] =>
  random.shuffle(FAULTS).slice(0, random.between(1, FAULTS.length));
