import type { Millis } from '../libprocess/clock.ts';
import type { Simulation } from '../libprocess/sim/simulation.ts';
import type { Machine, SimNode } from '../libprocess/sim/index.ts';
import type { MasterFlags } from '../master/flags.ts';
import { InMemoryStorage } from '../master/registrar/in-memory/in-memory-storage.ts';
import { Cluster } from '../testing/cluster.ts';
import { BatchWorkload } from './batch/batch-workload.ts';
import { watchInvariants, type ClusterInvariants } from './checks/all-checks.ts';
import { checkQuietTime } from './checks/quiet-time.ts';
import { liveOnCore } from './core-phase.ts';
import { Deeds } from './deeds.ts';
import { breakSomething, type Victims } from './faults/nemesis.ts';
import { SlowStorage } from './faults/slow-storage.ts';
import type { FrameworkMember, Workload } from './framework-member.ts';
import { latencyOf, planWithout, type Plan } from './plan.ts';
import { watchRareStates } from './rare-states.ts';
import type { StoredRegistry } from './checks/registry-checks.ts';
import { MetricsChecks } from './checks/metrics-checks.ts';
import { checkRest, whoIsAway } from './checks/rest-checks.ts';
import { ServiceWorkload } from './services/service-workload.ts';
import { checkCollected, watchIds, watchRemovals } from './checks/agents/sandbox-checks.ts';
import { checkImplicitly } from './checks/tasks/implicit-checks.ts';
import { checkTasks } from './checks/tasks/task-checks.ts';
import { StateChecks } from './checks/state-checks.ts';

const CPUS = 4;
/** Ten minutes to reregister, ten of back-off, and a little more. */
const HEALING_MS = 25 * 60_000;
const LOOKS_EVERY_MS = 250;
/** A registry that is to remember few agents. */
const FORGETS_EVERY_MS = 30_000;
/** What a master says that ends because its registry has not answered in time, or has done late what a former one asked. */
const TOO_LATE = /within \d+ ms$|has written it meanwhile$/;

export class StoryViolation extends Error {
  readonly code = 'STORY_VIOLATED';
}

export interface StoryOptions {
  /** Parts of the plan, kinds of faults, or single ones by their ordinal, that do not happen after all. */
  readonly without?: ReadonlySet<string>;
  /** Takes in the names of rare states that are reached. */
  readonly reached?: Set<string>;
}

/**
 * Frameworks run what they are to run on some agents while one thing after the other breaks. Then all
 * is healed, and everything must go on, come to its end, and to rest. Throws where something does not
 * hold.
 */
export async function clusterStory(
  sim: Simulation,
  drawn: Plan,
  { without = new Set(), reached = new Set() }: StoryOptions = {},
): Promise<void> {
  const plan = planWithout(drawn, without);
  const { gcDelayMs } = plan;
  sim.network.conditions.setLatency(latencyOf(plan));
  const deeds = new Deeds();
  const flags = masterFlagsOf(plan);
  const invariants = watchInvariants(sim, {
    isToEnd: (id) => deeds.hasEndedFramework(id),
    onForgotten: (id) => deeds.forgetAgent(id),
    flags,
  });
  const { watch, stored } = invariants;
  const client = (): SimNode => cluster.masterProcess;
  const registry = new SlowStorage({ sim, storage: watch.storage(new InMemoryStorage()), client });
  const cluster: Cluster = await Cluster.start({
    sim,
    watch: { ...watch, storage: () => registry },
    master: flags,
    onMasterFailure: (reason) => {
      // As Mesos's does, and the command's process with it.
      if (registry.hasHindered(client().incarnation) && TOO_LATE.test(reason)) sim.kill(client());
      else cluster.failures.push(reason);
    },
  });
  watchClosely(cluster, stored);
  watchRareStates(cluster, reached);
  const workloads = workloadsOf(cluster, plan, deeds);
  if (!workloads.some(({ members }) => members.length > 0)) return; // All of it was left out.
  const addAgent = async (): Promise<void> => {
    const machine = sim.machine();
    watchRemovals(cluster, machine);
    watchIds(cluster, machine);
    makeSlow(machine, plan);
    await cluster.agent({ gcDelayMs }, machine);
  };
  for (let index = 0; index < plan.agents; index += 1) await addAgent();
  for (const workload of workloads) await workload.begin();
  const members = workloads.flatMap((workload) => workload.members);
  const frameworks = [...members, ...workloads.flatMap(({ guests }) => guests)];
  const metrics = new MetricsChecks();
  const supervised = { cluster, members };
  const victims = { cluster, frameworks, registry, deeds, addAgent, reached };
  await breakThings(victims, plan, {
    without,
    supervised,
    healed: () => metrics.look(cluster),
    returned: async () => {
      sim.network.heal();
      await supervise(supervised);
      await comesTrue(supervised, () => whoIsAway(cluster, members));
      await offersFlow(supervised, workloads);
    },
  });
  sim.network.heal();
  await supervise(supervised);
  await comesToRest({ cluster, workloads, metrics, invariants }, plan, reached);
}

interface Outlived {
  readonly cluster: Cluster;
  readonly workloads: readonly Workload[];
  readonly metrics: MetricsChecks;
  readonly invariants: ClusterInvariants;
}

/** Nothing breaks any more: all goes on, comes to its end, and to rest. */
async function comesToRest(
  { cluster, workloads, metrics, invariants }: Outlived,
  { core, gcDelayMs, faults, asksAboutAll }: Plan,
  reached: Set<string>,
): Promise<void> {
  const members = workloads.flatMap((workload) => workload.members);
  for (const workload of workloads) workload.calmDown();
  const supervised = { cluster, members };
  const missing = (outside?: ReadonlySet<string>): Promise<void> =>
    comesTrue(
      supervised,
      () => workloads.flatMap((workload) => workload.missing(outside)),
      outside ? superviseCore : supervise, // What is outside stays there.
    );
  if (core) {
    await liveOnCore({ cluster }, core, missing);
    reached.add('core goes on without the rest');
  }
  await missing();
  await checkTasks(cluster);
  if (asksAboutAll) await checkImplicitly(cluster, members);
  for (const workload of workloads) await workload.windDown();
  await comesTrue(supervised, () => workloads.flatMap((workload) => workload.unfinished()));
  for (const workload of workloads) workload.check();
  await checkRest(cluster, members, metrics);
  invariants.calm();
  await checkQuietTime(cluster, members, CPUS);
  invariants.atRest();
  if (!faults.some(({ kind }) => kind === 'clock-jump')) checkCollected(cluster, gcDelayMs);
}

/** Whoever is eager is offered something, and what services want is up again. */
async function offersFlow(supervised: Supervised, workloads: readonly Workload[]): Promise<void> {
  for (const workload of workloads) workload.calmDown();
  const eager = workloads.flatMap((workload) => workload.eager);
  const before = new Map(eager.map(({ name, record }) => [name, record.offers]));
  const waiting = () => eager.filter(({ name, record }) => record.offers === before.get(name));
  await comesTrue(supervised, () => [
    ...workloads.flatMap((workload) => workload.missing()),
    ...waiting().map(({ name }) => `an offer for ${name}`),
  ]);
  for (const workload of workloads) workload.goOn();
}

interface Breaking {
  readonly without: ReadonlySet<string>;
  readonly supervised: Supervised;
  /** After each of them. */
  readonly healed: () => Promise<void>;
  /** After some of them. */
  readonly returned: () => Promise<void>;
}

/** One fault of the plan after the other. */
async function breakThings(
  victims: Victims,
  { faults, returnsAfter }: Plan,
  { without, supervised, healed, returned }: Breaking,
): Promise<void> {
  const { cluster } = victims;
  for (const [ordinal, { kind, afterMs }] of faults.entries()) {
    await cluster.sim.advance(afterMs);
    await superviseCore(supervised);
    if (without.has(kind) || without.has(String(ordinal))) continue;
    await breakSomething(victims, kind, cluster.sim.random.split(`fault ${ordinal}`));
    await healed();
    if (returnsAfter.includes(ordinal)) await returned();
  }
}

/** What must not stay ended by itself. */
interface Supervised {
  readonly cluster: Cluster;
  readonly members: readonly FrameworkMember[];
}

/** Whoever has ended by itself is started again. */
async function supervise(supervised: Supervised): Promise<void> {
  await superviseCore(supervised);
  const { cluster } = supervised;
  for (const agent of cluster.agents) if (!agent.process.alive) await cluster.restartAgent(agent);
}

/**
 * Starts a master that has ended by itself, and schedulers: what a dead one of a framework has asked for may
 * arrive late, and its master then tells the one that lives that it is over, as in Mesos.
 */
async function superviseCore({ cluster, members }: Supervised): Promise<void> {
  await cluster.sim.settle(); // It may have been resumed just now.
  if (!cluster.masterProcess.alive) await cluster.startMaster();
  for (const member of members) {
    if (!member.hasAborted) continue;
    member.kill();
    await member.begin();
  }
}

const masterFlagsOf = ({ offerTimeoutMs, unreachableMax }: Plan): Partial<MasterFlags> => ({
  offerTimeoutMs,
  ...(unreachableMax !== undefined && {
    registryMaxAgentCount: unreachableMax,
    registryGcIntervalMs: FORGETS_EVERY_MS,
  }),
});

/** From now on; faults come back to this. */
function makeSlow({ processes, disk }: Machine, { spawnMsMax, syncMsMax }: Plan): void {
  if (spawnMsMax !== undefined) processes.spawnMsMax = spawnMsMax;
  if (syncMsMax !== undefined) disk.syncLatency = { minMs: 1, maxMs: syncMsMax };
}

function workloadsOf(cluster: Cluster, plan: Plan, deeds: Deeds): readonly Workload[] {
  const batch = plan.batch
    ? new BatchWorkload(cluster, plan, { cpusPerAgent: CPUS, deeds })
    : undefined;
  if (plan.services.length === 0) return batch ? [batch] : [];
  const services = new ServiceWorkload(cluster, plan.services, deeds);
  if (!batch) return [services];
  for (const { name, record } of batch.members) services.watchOffers(name, record);
  return [batch, services];
}

/** What the books of a master can follow from: nothing has changed as long as these have not. */
interface Seen {
  readonly incarnation: SimNode['incarnation'];
  readonly entries: number;
  readonly registry: StoredRegistry;
}

/** What does not hold in the books of the master, and what checks have noted, ends the story at once: what a handler throws ends its process alone. */
function watchClosely(cluster: Cluster, stored: () => StoredRegistry): void {
  const { sim, failures } = cluster;
  const checks = new StateChecks();
  let seen: Seen | undefined;
  const look = (): void => {
    if (failures.length > 0) throw new StoryViolation(failures.join());
    const { incarnation } = cluster.masterProcess;
    const now = { incarnation, entries: incarnation.entries, registry: stored() };
    const changed =
      now.incarnation !== seen?.incarnation ||
      now.entries !== seen.entries ||
      now.registry !== seen.registry;
    if (changed) checks.look(cluster, now.registry);
    seen = now;
    sim.at(LOOKS_EVERY_MS, look);
  };
  look();
}

/** Waits until nothing is missing any more, while `tend` is done; throws with what still is. */
async function comesTrue(
  supervised: Supervised,
  missing: () => readonly string[],
  tend = supervise,
): Promise<void> {
  const { sim } = supervised.cluster;
  const endsAtMs: Millis = sim.nowMs + HEALING_MS;
  while (missing().length > 0 && sim.nowMs < endsAtMs) {
    await sim.advance(LOOKS_EVERY_MS);
    await tend(supervised); // A master may hear only now what was asked of its registry before.
  }
  const still = missing();
  if (still.length > 0) throw new StoryViolation(`M15: waited in vain for ${still.join(', ')}`);
}
