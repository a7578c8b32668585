import type { Simulation } from '../libprocess/sim/simulation.ts';
import { Cluster } from '../testing/cluster.ts';
import { checkOrder, checkTruth, isStillborn } from './batch-checks.ts';
import { BatchLives } from './batch-lives.ts';
import { breakSomething, type FaultKind } from './cluster-faults.ts';
import { TaskOracle } from './task-oracle.ts';

const AGENTS = 3;
const CPUS = 4;
const TASKS = 24;
const FAULTS = 8;
const GAP_MS_MAX = 8_000;
/** Ten minutes to reregister, ten of back-off, and a little more. */
const HEALING_MS = 25 * 60_000;

export interface StoryOptions {
  readonly kinds: readonly FaultKind[];
  /** How likely it is that a task is killed once it runs. */
  readonly killChance?: number;
  readonly faults?: number;
  /** Between one fault that has healed and the next. */
  readonly gapMsMax?: number;
}

/** Two frameworks run all their tasks on three agents while one thing after the other breaks. */
export async function clusterStory(sim: Simulation, options: StoryOptions): Promise<void> {
  const { kinds, killChance = 0, faults = FAULTS, gapMsMax = GAP_MS_MAX } = options;
  const cluster = await Cluster.start({ sim });
  const oracle = new TaskOracle(cluster, CPUS);
  for (let index = 0; index < AGENTS; index += 1) await cluster.agent();
  const batch = { tasks: TASKS, killChance };
  const aware = new BatchLives(cluster, { name: 'aware', aware: true, ...batch });
  const unaware = new BatchLives(cluster, { name: 'unaware', aware: false, ...batch });
  aware.record.onStatus = (status) => {
    oracle.told(status);
  };
  const frameworks = [aware, unaware];
  for (const framework of frameworks) await framework.begin();
  for (let fault = 0; fault < faults; fault += 1) {
    await sim.advance(sim.random.between(Math.min(100, gapMsMax), gapMsMax));
    await breakSomething({ cluster, frameworks }, kinds);
  }
  sim.network.heal();
  const settled = (framework: BatchLives): boolean =>
    framework.allLaunched && allOver(framework, oracle) && allTold(framework, oracle);
  await sim.until(() => frameworks.every(settled) && !oracle.anyRunning, HEALING_MS);
  for (const framework of frameworks) {
    for (const [taskId, history] of framework.record.history) checkOrder(taskId, history);
    checkTruth(framework, oracle);
  }
  if (cluster.failures.length > 0) throw new Error(cluster.failures.join());
}

const allOver = (framework: BatchLives, oracle: TaskOracle): boolean =>
  [...framework.record.launchedOn.keys()].every(
    (taskId) => framework.record.isOver(taskId) || isStillborn(framework, taskId, oracle),
  );

/** Whether of each task that ended by itself the update has come, and not only an answer. */
const allTold = ({ record, aware }: BatchLives, oracle: TaskOracle): boolean =>
  [...record.launchedOn.keys()].every(
    (taskId) =>
      oracle.exitCode(taskId) === undefined ||
      oracle.lostPower(taskId) ||
      record.isTold(taskId) ||
      (!aware && record.history.get(taskId)?.at(-1)?.state === 'TASK_LOST'),
  );
