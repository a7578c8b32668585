import { describe, test } from '@jest/globals';
import { startNode } from '../../libprocess/start-node.ts';
import type { Simulation } from '../../libprocess/sim/simulation.ts';
import { Cluster } from '../support/cluster.ts';
import { BatchFramework } from './batch-framework.ts';
import { checkOrder, checkTruth, isTold } from './batch-checks.ts';
import { forEachSeed } from './for-each-seed.ts';
import { TaskOracle } from './task-oracle.ts';

const AGENTS = 3;
const CPUS = 4;
const TASKS = 24;
const FAULTS = 6;
/** Ten minutes to reregister, ten of back-off, and a little more. */
const HEALING_MS = 25 * 60_000;

/** Faults that a cluster must outlive; each heals by itself. */
const FAULT_KINDS = ['reset', 'half-open', 'partition', 'one-way', 'isolate', 'kill'] as const;

async function breakSomething(cluster: Cluster): Promise<void> {
  const { sim } = cluster;
  const { random, network } = sim;
  const kind = FAULT_KINDS[random.between(0, FAULT_KINDS.length - 1)];
  const agent = cluster.agents[random.between(0, cluster.agents.length - 1)];
  const links = network.links();
  const link = links[random.between(0, links.length - 1)];
  if (!agent) return;
  const lastsMs = random.chance(0.7) ? random.between(10, 10_000) : random.between(10_000, 90_000);
  switch (kind) {
    case 'reset':
      link?.reset();
      return;
    case 'half-open':
      link?.halfOpen(random.chance(0.5) ? 'client' : 'server');
      return;
    case 'partition':
      network.partition([agent.machine.ip], [cluster.masterMachine.ip]);
      break;
    case 'one-way':
      network.partition([cluster.masterMachine.ip], [agent.machine.ip], { oneWay: true });
      break;
    case 'isolate':
      network.isolate(agent.machine.ip);
      break;
    default:
      cluster.killAgent(agent);
      await sim.advance(random.between(1, 30_000));
      await cluster.restartAgent(agent);
      return;
  }
  await sim.advance(lastsMs);
  network.heal();
}

async function scenario(sim: Simulation): Promise<void> {
  const cluster = await Cluster.start({ sim });
  const oracle = new TaskOracle(cluster, CPUS);
  for (let index = 0; index < AGENTS; index += 1) await cluster.agent();
  const aware = await framework(cluster, 'aware', true);
  const unaware = await framework(cluster, 'unaware', false);
  for (let fault = 0; fault < FAULTS; fault += 1) {
    await sim.advance(sim.random.between(100, 8_000));
    await breakSomething(cluster);
  }
  sim.network.heal();
  const settled = (batch: BatchFramework, isAware: boolean): boolean =>
    batch.done && isTold(batch, oracle, isAware);
  await sim.until(() => settled(aware, true) && settled(unaware, false), HEALING_MS);
  for (const one of [aware, unaware]) {
    for (const [taskId, history] of one.history) checkOrder(taskId, history);
  }
  checkTruth(aware, oracle, true);
  checkTruth(unaware, oracle, false);
  if (cluster.failures.length > 0) throw new Error(cluster.failures.join());
}

async function framework(cluster: Cluster, name: string, aware: boolean): Promise<BatchFramework> {
  const { sim } = cluster;
  const { runtime, machine } = sim.node({ name });
  const node = await sim.complete(startNode({ runtime, ip: machine.ip }));
  const batch = new BatchFramework({
    master: cluster.master.address,
    random: sim.random.split(name),
    tasks: TASKS,
    framework: {
      user: 'root',
      name,
      checkpoint: true,
      failover_timeout: 3_600,
      ...(aware && { capabilities: [{ type: 'PARTITION_AWARE' as const }] }),
    },
  });
  node.spawn(batch);
  return batch;
}

const SEEDS = 200;
/** Seeds of one test: short tests tell sooner, and which seeds they are is told by name. */
const BATCH = 10;

describe('a cluster outlives partitions, lost connections and killed agents', () => {
  test.each(Array.from({ length: SEEDS / BATCH }, (_, batch) => batch * BATCH))(
    'with the seeds from %d on',
    async (first) => {
      const name = `with the seeds from ${String(first)} on`;
      await forEachSeed({ first, seeds: BATCH, name }, scenario);
    },
  );
});
