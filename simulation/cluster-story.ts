import type { Simulation } from '../libprocess/sim/simulation.ts';
import { Cluster } from '../testing/cluster.ts';
import { checkOrder, checkTruth, isStillborn } from './batch-checks.ts';
import { BatchLives } from './batch-lives.ts';
import { breakSomething } from './faults/nemesis.ts';
import { latencyOf, type Plan } from './plan.ts';
import { watchRemovals } from './removal-checks.ts';
import { checkRest } from './rest-checks.ts';
import { watchState } from './state-checks.ts';
import { checkQuietTime } from './checks/quiet-time.ts';
import { TaskOracle } from './task-oracle.ts';

const CPUS = 4;
/** Ten minutes to reregister, ten of back-off, and a little more. */
const HEALING_MS = 25 * 60_000;

export interface StoryOptions {
  /** Kinds of faults, or single ones by their ordinal, that do not happen after all. */
  readonly without?: ReadonlySet<string>;
}

/**
 * Two frameworks run all their tasks on some agents while one thing after the other breaks. Then all
 * is healed, and everything must come to its end and to rest. Throws where something does not hold.
 */
export async function clusterStory(
  sim: Simulation,
  plan: Plan,
  { without = new Set() }: StoryOptions = {},
): Promise<void> {
  sim.network.conditions.setLatency(latencyOf(plan));
  const cluster = await Cluster.start({ sim });
  watchState(cluster);
  const oracle = new TaskOracle(cluster, CPUS);
  for (let index = 0; index < plan.agents; index += 1) {
    const { machine } = await cluster.agent({ gcDelayMs: plan.gcDelayMs });
    watchRemovals(cluster, machine);
  }
  const aware = new BatchLives(cluster, { ...plan, name: 'aware', aware: true, custom: false });
  const unaware = new BatchLives(cluster, { ...plan, name: 'unaware', aware: false });
  aware.record.onStatus = (status) => {
    oracle.told(status);
  };
  const frameworks = [aware, unaware];
  for (const framework of frameworks) await framework.begin();
  for (const [ordinal, { kind, afterMs }] of plan.faults.entries()) {
    await sim.advance(afterMs);
    if (without.has(kind) || without.has(String(ordinal))) continue;
    const random = sim.random.split(`fault ${ordinal}`);
    await breakSomething({ cluster, frameworks }, kind, random);
  }
  sim.network.heal();
  const settled = (framework: BatchLives): boolean =>
    framework.allLaunched && allOver(framework, oracle) && allTold(framework, oracle);
  await sim.until(() => frameworks.every(settled) && !oracle.anyRunning, HEALING_MS);
  for (const framework of frameworks) {
    for (const [taskId, history] of framework.record.history) checkOrder(taskId, history);
    checkTruth(framework, oracle);
  }
  await checkRest(cluster, frameworks);
  await checkQuietTime(cluster, frameworks, CPUS);
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
