import type { Fault } from './nemesis.ts';

const AWAY_MS_MAX = 30_000;
/**
 * At least so long is it away: for a moment, for a minute, or longer than a master may wait for it; all in all for less than
 * the recovery timeout (15 min), after which its executors end by themselves.
 */
const LONG_AWAY_MS = 680_000;
const AWAY_MS = [0, 60_000, LONG_AWAY_MS];
/** Until its executors have heard of it: what is next may take it away again. */
const TAKES_BACK_WITHIN_MS = 60_000;
const LOSSES = ['cut off', 'dead', 'without power'] as const;

/** The master is replaced, once or twice, while an agent is away. */
export async function failoverWithoutAgent({ cluster, random, agent }: Fault): Promise<void> {
  const { sim } = cluster;
  const { machine } = agent;
  const how = random.pick(LOSSES) ?? 'dead';
  sim.world.record('nemesis', `${machine.name} is ${how}`);
  if (how === 'cut off') sim.network.isolate(machine.ip);
  else if (how === 'dead') cluster.killAgent(agent);
  else sim.powerOff(machine);
  await sim.advance(random.between(1, AWAY_MS_MAX));
  for (let masters = random.between(1, 2); masters > 0; masters -= 1) {
    if (cluster.masterProcess.alive) cluster.killMaster();
    await sim.advance(random.between(1, AWAY_MS_MAX));
    await cluster.startMaster();
    await sim.advance(random.between(1, AWAY_MS_MAX));
  }
  const awayMs = random.pick(AWAY_MS) ?? 0;
  await sim.advance(awayMs);
  sim.network.heal();
  if (how === 'without power') sim.powerOn(machine);
  if (how !== 'cut off') await cluster.restartAgent(agent);
  if (how === 'dead' && awayMs === LONG_AWAY_MS) await sim.advance(TAKES_BACK_WITHIN_MS);
}

/** The master is replaced, and what agents have to tell finds it without the scheduler that it is for. */
export async function failoverWithoutScheduler(fault: Fault): Promise<void> {
  const { cluster, random, framework } = fault;
  const { sim } = cluster;
  framework.kill();
  await sim.advance(random.between(1, AWAY_MS_MAX));
  cluster.killMaster();
  await sim.advance(random.between(1, AWAY_MS_MAX));
  await cluster.startMaster();
  await sim.advance(random.between(1, random.pick([AWAY_MS_MAX, 120_000]) ?? AWAY_MS_MAX));
  await framework.begin();
}
