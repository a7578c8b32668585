import type { AgentMember } from '../testing/cluster.ts';
import type { CorePlan } from './plan.ts';
import type { Victims } from './faults/nemesis.ts';

/**
 * Liveness: of a cluster in which anything may be broken only a core is healed, some agents with the
 * master and all schedulers. The others are cut off, dead or without power, and must not be needed.
 * `progress` waits for what the core must reach; then the others are let back.
 */
export async function liveOnCore(
  { cluster }: Pick<Victims, 'cluster'>,
  { outside, how }: CorePlan,
  progress: (outside: ReadonlySet<string>) => Promise<void>,
): Promise<void> {
  const { sim, agents } = cluster;
  const { network } = sim;
  const lost = sim.random.split('core').shuffle(agents).slice(0, outside);
  sim.world.record('nemesis', `${how} outside of the core: ${lost.map(nameOf).join(' ')}`);
  for (const agent of lost) {
    if (how === 'cut off') network.isolate(agent.machine.ip);
    else if (how === 'dead') cluster.killAgent(agent);
    else sim.powerOff(agent.machine);
  }
  await progress(new Set(lost.map(nameOf)));
  network.heal();
  for (const agent of lost) {
    if (how === 'without power') sim.powerOn(agent.machine);
    if (how !== 'cut off') await cluster.restartAgent(agent);
  }
}

const nameOf = ({ machine }: AgentMember): string => machine.name;
