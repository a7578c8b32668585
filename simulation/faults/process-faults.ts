import type { SimNode } from '../../libprocess/sim/index.ts';
import type { Fault } from './nemesis.ts';

const AWAY_MS_MAX = 30_000;
const PAUSE_MS_MIN = 5_000;
const PAUSE_MS_MAX = 120_000;
const HOUR_MS = 3_600_000;

export async function killAgent({ cluster, random, agent }: Fault): Promise<void> {
  cluster.killAgent(agent);
  await cluster.sim.advance(random.between(1, AWAY_MS_MAX));
  await cluster.restartAgent(agent);
}

export async function killMaster({ cluster, random }: Fault): Promise<void> {
  cluster.killMaster();
  await cluster.sim.advance(random.between(1, AWAY_MS_MAX));
  await cluster.startMaster();
}

export async function killScheduler({ cluster, random, framework }: Fault): Promise<void> {
  framework.kill();
  await cluster.sim.advance(random.between(1, AWAY_MS_MAX));
  await framework.begin();
}

export async function cutPower({ cluster, random, agent }: Fault): Promise<void> {
  const { sim } = cluster;
  sim.powerOff(agent.machine);
  await sim.advance(random.between(1, AWAY_MS_MAX));
  sim.powerOn(agent.machine);
  await cluster.restartAgent(agent);
}

/** As for an upgrade: the next goes down soon after one is up, recovered or not. */
export async function restartAll({ cluster, random }: Fault): Promise<void> {
  for (const agent of random.shuffle(cluster.agents)) {
    cluster.killAgent(agent);
    await cluster.sim.advance(random.between(1, 2_000));
    await cluster.restartAgent(agent);
    await cluster.sim.advance(random.between(1, 3_000));
  }
}

export const pauseAgent = (fault: Fault): Promise<void> => pause(fault, fault.agent.process);

export const pauseMaster = (fault: Fault): Promise<void> =>
  pause(fault, fault.cluster.masterProcess);

/** SIGSTOP and, some time later, SIGCONT: to itself no time has passed. */
async function pause({ cluster: { sim }, random }: Fault, node: SimNode): Promise<void> {
  const { processes } = node.machine;
  processes.signal(node.pid, 'SIGSTOP');
  await sim.advance(random.between(PAUSE_MS_MIN, PAUSE_MS_MAX));
  processes.signal(node.pid, 'SIGCONT');
}

/** An operator, or NTP, sets the wall clock of one machine. */
export function jumpClock({ cluster, random, agent }: Fault): Promise<void> {
  const machine = random.chance(0.5) ? agent.machine : cluster.masterMachine;
  machine.setWallClockAhead(random.between(-24 * HOUR_MS, 24 * HOUR_MS));
  return Promise.resolve();
}
