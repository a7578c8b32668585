import type { Fault } from './nemesis.ts';

const LASTS_MS_MAX = 90_000;

export function loseLink(sides: 'one' | 'both'): (fault: Fault) => Promise<void> {
  return ({ cluster, random }) => {
    const link = random.pick(cluster.sim.network.links());
    if (sides === 'both') link?.reset();
    else link?.halfOpen(random.chance(0.5) ? 'client' : 'server');
    return Promise.resolve();
  };
}

/** Between an agent and the master; one way, the agent's words still arrive. */
export function partition(options: { oneWay: boolean }): (fault: Fault) => Promise<void> {
  return async ({ cluster, random, agent }) => {
    const { sim, masterMachine } = cluster;
    sim.network.partition([masterMachine.ip], [agent.machine.ip], options);
    await sim.advance(random.between(10, LASTS_MS_MAX));
    sim.network.heal();
  };
}

export async function isolate({ cluster: { sim }, random, agent }: Fault): Promise<void> {
  sim.network.isolate(agent.machine.ip);
  await sim.advance(random.between(10, LASTS_MS_MAX));
  sim.network.heal();
}

export async function separateScheduler({ cluster, random, framework }: Fault): Promise<void> {
  const { sim, masterMachine } = cluster;
  const oneWay = random.chance(0.3);
  const ends = [[framework.machine.ip], [masterMachine.ip]];
  const [from = [], to = []] = random.shuffle(ends);
  sim.network.partition(from, to, { oneWay });
  await sim.advance(random.between(10, LASTS_MS_MAX));
  sim.network.heal();
}

/** One machine after the other is cut off, in any order, and then all are let back at once. */
export async function clog({
  cluster: { sim, agents, masterMachine },
  random,
}: Fault): Promise<void> {
  const machines = random.shuffle([masterMachine, ...agents.map(({ machine }) => machine)]);
  for (const machine of machines.slice(0, random.between(1, machines.length))) {
    sim.network.isolate(machine.ip);
    await sim.advance(random.between(10, LASTS_MS_MAX / 4));
  }
  sim.network.heal();
}
