import type { Simulation } from '../../libprocess/sim/simulation.ts';
import { Cluster } from '../support/cluster.ts';
import { checkOrder, checkTruth } from './batch-checks.ts';
import { BatchLives } from './batch-lives.ts';
import { breakSomething, type FaultKind } from './cluster-faults.ts';
import { TaskOracle } from './task-oracle.ts';

const AGENTS = 3;
const CPUS = 4;
const TASKS = 24;
const FAULTS = 8;
/** Ten minutes to reregister, ten of back-off, and a little more. */
const HEALING_MS = 25 * 60_000;

/** Two frameworks run all their tasks on three agents while one thing after the other breaks. */
export async function clusterStory(sim: Simulation, kinds: readonly FaultKind[]): Promise<void> {
  const cluster = await Cluster.start({ sim });
  const oracle = new TaskOracle(cluster, CPUS);
  for (let index = 0; index < AGENTS; index += 1) await cluster.agent();
  const aware = new BatchLives(cluster, { name: 'aware', aware: true, tasks: TASKS });
  const unaware = new BatchLives(cluster, { name: 'unaware', aware: false, tasks: TASKS });
  aware.record.onStatus = (status) => {
    oracle.told(status);
  };
  const frameworks = [aware, unaware];
  for (const framework of frameworks) await framework.begin();
  for (let fault = 0; fault < FAULTS; fault += 1) {
    await sim.advance(sim.random.between(100, 8_000));
    await breakSomething({ cluster, frameworks }, kinds);
  }
  sim.network.heal();
  const settled = (framework: BatchLives): boolean => framework.done && allTold(framework, oracle);
  await sim.until(() => frameworks.every(settled) && !oracle.anyRunning, HEALING_MS);
  for (const framework of frameworks) {
    for (const [taskId, history] of framework.record.history) checkOrder(taskId, history);
    checkTruth(framework, oracle);
  }
  if (cluster.failures.length > 0) throw new Error(cluster.failures.join());
}

/** Whether of each task that ended by itself the update has come, and not only an answer. */
const allTold = ({ record, aware }: BatchLives, oracle: TaskOracle): boolean =>
  [...record.launchedOn.keys()].every(
    (taskId) =>
      oracle.exitCode(taskId) === undefined ||
      oracle.lostPower(taskId) ||
      record.isTold(taskId) ||
      (!aware && record.history.get(taskId)?.at(-1)?.state === 'TASK_LOST'),
  );
