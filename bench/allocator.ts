import { agentId, frameworkId, type AgentId, type FrameworkId } from '../common/ids.ts';
import { Resources } from '../common/resources.ts';
import { SimRandom } from '../libprocess/sim/index.ts';
import type { Allocation } from '../master/allocator/allocator.ts';
import { HierarchicalAllocator } from '../master/allocator/hierarchical-allocator.ts';
import type { Result } from './result.ts';

export const name = 'allocator';

/** The sets of Mesos's HierarchicalAllocator_BENCHMARK_Test that its hosts are compared by. */
const SETS = [
  { agents: 1_000, frameworks: 50 },
  { agents: 1_000, frameworks: 100 },
  { agents: 5_000, frameworks: 500 },
  { agents: 10_000, frameworks: 1_000 },
] as const;

/** Declining rounds; Mesos makes twice as many as there are frameworks, which takes it hours. */
const ROUNDS = 50;

const TOTAL = Resources.from('cpus:24;mem:4096;disk:4096;ports:[31000-32000]');
const USED = Resources.from(`cpus:16;mem:2014;disk:1024;ports:${fragmentedPorts(16)}`);

/** Every other block of 31000-32000, so that what is left is in pieces too. */
function fragmentedPorts(pieces: number): string {
  const width = Math.floor(1_000 / (2 * pieces));
  const blocks = Array.from({ length: pieces }, (_, index) => {
    const begin = 31_000 + 2 * index * width;
    return `${begin}-${begin + width - 1}`;
  });
  return `[${blocks.join(',')}]`;
}

interface Cluster {
  readonly allocator: HierarchicalAllocator;
  readonly frameworks: readonly FrameworkId[];
  readonly agents: readonly AgentId[];
  readonly random: SimRandom;
  nowMs: number;
}

type Size = (typeof SETS)[number];

const timed = (work: () => void): number => {
  const begin = performance.now();
  work();
  return performance.now() - begin;
};

function emptyCluster(size: Size): Cluster {
  const ids = <T>(count: number, make: (text: string) => T): T[] =>
    Array.from({ length: count }, (_, ordinal) => make(`${ordinal}`.padStart(5, '0')));
  return {
    allocator: new HierarchicalAllocator(),
    frameworks: ids(size.frameworks, (text) => frameworkId(`framework-${text}`)),
    agents: ids(size.agents, (text) => agentId(`agent-${text}`)),
    random: new SimRandom(0),
    nowMs: 0,
  };
}

function addFrameworks({ allocator, frameworks }: Cluster): void {
  for (const id of frameworks) allocator.addFramework({ id, roles: ['*'] });
}

function addAgents({ allocator, agents, frameworks }: Cluster): void {
  for (const [ordinal, id] of agents.entries()) {
    const owner = frameworks[ordinal % frameworks.length];
    const used = owner ? new Map([[owner, USED.allocate('*')]]) : new Map<FrameworkId, Resources>();
    allocator.addAgent({ id, hostname: id, total: TOTAL, used });
  }
}

function allocate(cluster: Cluster): readonly Allocation[] {
  cluster.nowMs += 1_000;
  return cluster.allocator.allocate({ nowMs: cluster.nowMs, random: cluster.random });
}

function giveBack(cluster: Cluster, offers: readonly Allocation[], refuseSeconds: number): void {
  const filters = { refuse_seconds: refuseSeconds };
  for (const offer of offers) {
    cluster.allocator.recoverResources({ ...offer, filters }, cluster.nowMs);
  }
}

/** All offers are declined for ever, round after round, so that filters pile up. */
function declineOffers(size: Size): Result[] {
  const cluster = emptyCluster(size);
  const figures: [metric: string, ms: number][] = [];
  figures.push(['add frameworks', timed(() => addFrameworks(cluster))]);
  figures.push(['add agents', timed(() => addAgents(cluster))]);
  let declining = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    let offers: readonly Allocation[] = [];
    const ms = timed(() => (offers = allocate(cluster)));
    if (round === 1 || round === ROUNDS) figures.push([`allocate, round ${round}`, ms]);
    declining += timed(() => giveBack(cluster, offers, 2 ** 31 - 1));
  }
  figures.push(['decline all offers', declining / ROUNDS]);
  return results('allocator/decline-offers', size, figures);
}

/** Rounds while more and more frameworks suppress, and an idle one when all have. */
function suppressOffers(size: Size): Result[] {
  const cluster = emptyCluster(size);
  addFrameworks(cluster);
  addAgents(cluster);
  const figures: [metric: string, ms: number][] = [];
  for (const part of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    for (const id of cluster.frameworks.slice(0, part * size.frameworks)) {
      cluster.allocator.suppressOffers(id, []);
    }
    let offers: readonly Allocation[] = [];
    const ms = timed(() => (offers = allocate(cluster)));
    figures.push([`allocate, ${part * 100} % suppressed`, ms]);
    giveBack(cluster, offers, 0);
  }
  figures.push(['allocate, nothing changed', timed(() => allocate(cluster))]);
  return results('allocator/suppress-offers', size, figures);
}

function results(benchmark: string, params: Size, figures: [string, number][]): Result[] {
  return figures.map(([metric, ms]) => ({
    name: benchmark,
    params,
    metric,
    value: Number(ms.toFixed(2)),
    unit: 'ms',
  }));
}

export async function run(): Promise<Result[]> {
  declineOffers(SETS[0]); // Warms the compiler up.
  return SETS.flatMap((size) => [...declineOffers(size), ...suppressOffers(size)]);
}
