import type { AgentMember, Cluster } from '../testing/cluster.ts';
import type { BatchLives } from './batch-lives.ts';

/** Faults of connections and agents. */
export const FAULTS_OF_LINKS = [
  'reset',
  'half-open',
  'partition',
  'one-way',
  'isolate',
  'kill-agent',
] as const;

/** Faults that take what others remember: elections, new schedulers, machines without power. */
export const FAULTS_OF_ALL = [
  ...FAULTS_OF_LINKS,
  'kill-master',
  'kill-scheduler',
  'power-cut',
] as const;

export type FaultKind = (typeof FAULTS_OF_ALL)[number];

/** Whom faults befall. */
export interface Victims {
  readonly cluster: Cluster;
  readonly frameworks: readonly BatchLives[];
}

/** One fault that a cluster must outlive; it has healed when this is over. */
export async function breakSomething(
  { cluster, frameworks }: Victims,
  kinds: readonly FaultKind[],
): Promise<void> {
  const { random } = cluster.sim;
  const pick = <T>(all: readonly T[]): T | undefined => all[random.between(0, all.length - 1)];
  const kind = pick(kinds);
  const agent = pick(cluster.agents);
  const link = pick(cluster.sim.network.links());
  const framework = pick(frameworks);
  const lastsMs = random.between(10, 90_000);
  if (!agent || !framework) return;
  switch (kind) {
    case 'reset':
      link?.reset();
      return;
    case 'half-open':
      link?.halfOpen(random.chance(0.5) ? 'client' : 'server');
      return;
    case 'kill-agent':
      return killAgent(cluster, agent);
    case 'kill-master':
      cluster.killMaster();
      await cluster.sim.advance(random.between(1, 30_000));
      return cluster.startMaster();
    case 'kill-scheduler':
      framework.kill();
      await cluster.sim.advance(random.between(1, 30_000));
      return framework.begin();
    case 'power-cut':
      return cutPower(cluster, agent);
    default:
      return separate(cluster, agent, { kind: kind ?? 'isolate', lastsMs });
  }
}

async function killAgent(cluster: Cluster, agent: AgentMember): Promise<void> {
  cluster.killAgent(agent);
  await cluster.sim.advance(cluster.sim.random.between(1, 30_000));
  await cluster.restartAgent(agent);
}

async function cutPower(cluster: Cluster, agent: AgentMember): Promise<void> {
  const { sim } = cluster;
  sim.powerOff(agent.machine);
  await sim.advance(sim.random.between(1, 30_000));
  sim.powerOn(agent.machine);
  await cluster.restartAgent(agent);
}

async function separate(
  { sim, masterMachine }: Cluster,
  { machine }: AgentMember,
  { kind, lastsMs }: { readonly kind: FaultKind; readonly lastsMs: number },
): Promise<void> {
  const { network } = sim;
  if (kind === 'partition') network.partition([machine.ip], [masterMachine.ip]);
  else if (kind === 'one-way')
    network.partition([masterMachine.ip], [machine.ip], { oneWay: true });
  else network.isolate(machine.ip);
  await sim.advance(lastsMs);
  network.heal();
}
