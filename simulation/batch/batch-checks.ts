import { isTerminal } from '../../common/task-state.ts';
import type { TaskState, TaskStatus } from '../../proto/index.ts';
import type { BatchLives } from './batch-lives.ts';
import type { TaskOracle } from '../task-oracle.ts';

const RANK: Partial<Record<TaskState, number>> = {
  TASK_STAGING: 0,
  TASK_STARTING: 1,
  TASK_RUNNING: 2,
  TASK_KILLING: 3,
};

/**
 * U2, T3, T4: first deliveries of a task's own updates follow its life, and end with it. U5: none comes
 * again once a later one has come, for that was sent because this one was acknowledged.
 */
export function checkOrder(taskId: string, history: readonly TaskStatus[]): void {
  const seen = new Set<string>();
  let latest: string | undefined;
  let rank = -1;
  let over = false;
  for (const { state, uuid, reason } of history) {
    if (!uuid) continue; // The master's own words, such as answers to reconciliation.
    // An agent that never had the task says so again to each master that asks, under a new UUID.
    if (over && reason === 'REASON_RECONCILIATION') continue;
    const key = Buffer.from(uuid).toString('hex');
    if (key === latest) continue;
    if (seen.has(key)) throw new Error(`Task '${taskId}': ${state} came again after a later one`);
    seen.add(key);
    latest = key;
    if (over) throw new Error(`Task '${taskId}': ${state} came after its terminal update`);
    const next = RANK[state] ?? 9;
    if (next <= rank) throw new Error(`Task '${taskId}': ${state} came out of order`);
    rank = next;
    over = isTerminal(state);
  }
}

/** U1: the executor's own words arrive, not only the master's answers to questions. */
function checkUpdated(taskId: string, history: readonly TaskStatus[]): void {
  const own = history.filter(({ uuid }) => uuid).map(({ state }) => state);
  for (const state of ['TASK_STARTING', 'TASK_RUNNING'] as const) {
    if (state === 'TASK_RUNNING' && own.includes('TASK_KILLING')) continue; // Killed before it ran.
    if (!own.includes(state)) throw new Error(`Task '${taskId}': its ${state} was lost`);
  }
  if (!own.some(isTerminal)) throw new Error(`Task '${taskId}': its terminal update was lost`);
}

/** T5: a task whose process did not end by itself was killed because somebody asked for that. */
function checkKilled({ record, aware }: BatchLives, taskId: string, told: TaskState): void {
  if (!record.killed.has(taskId)) throw new Error(`Task '${taskId}' ended without a cause`);
  if (told === 'TASK_KILLED' || (!aware && told === 'TASK_LOST')) return;
  throw new Error(`Task '${taskId}' was killed and is told ${told}`);
}

/**
 * An agent may die before it has heard its new id, or be replaced by another: nobody comes back under
 * it, and what was launched there never began, or has been ended, and stays unreachable, or unknown to
 * the next master, as in Mesos.
 */
export function isStillborn({ record }: BatchLives, taskId: string, oracle: TaskOracle): boolean {
  const last = record.history.get(taskId)?.at(-1);
  const outOfSight = last?.state === 'TASK_UNREACHABLE' || last?.state === 'TASK_UNKNOWN';
  const gone = oracle.lostPower(taskId) || oracle.excused(taskId);
  return outOfSight && (gone || !oracle.hasStarted(taskId));
}

/**
 * U1, T1: a task whose process ended by itself is told to have ended so, and none is told to have
 * finished that has not. Only the power of its machine may fail before its end is on the disk.
 */
export function checkTruth(framework: BatchLives, oracle: TaskOracle): void {
  const { record, aware } = framework;
  for (const taskId of record.launchedOn.keys()) {
    if (isStillborn(framework, taskId, oracle)) continue;
    const history = record.history.get(taskId) ?? [];
    const last = history.at(-1);
    const code = oracle.exitCode(taskId);
    if (!last || !isTerminal(last.state)) throw new Error(`Task '${taskId}' was never told to end`);
    if (last.state === 'TASK_KILLED' && !record.killed.has(taskId))
      throw new Error(`Nobody killed task '${taskId}'`);
    if (last.state === 'TASK_FINISHED' && code !== 0)
      throw new Error(`Task '${taskId}' has not finished`);
    if (last.state === 'TASK_DROPPED' && oracle.hasStarted(taskId))
      throw new Error(`Task '${taskId}' began, and is told to be dropped`); // U8
    if (oracle.lostPower(taskId) || oracle.excused(taskId)) continue;
    if (code === undefined) {
      if (oracle.hasStarted(taskId)) checkKilled(framework, taskId, last.state);
      continue;
    }
    const truth = code === 0 ? 'TASK_FINISHED' : 'TASK_FAILED';
    // Unaware of partitions, a framework is told TASK_LOST of what it cannot reach, for good.
    const excused =
      (!aware && last.state === 'TASK_LOST') ||
      (record.killed.has(taskId) && last.state === 'TASK_KILLED');
    if (last.state !== truth && !excused) {
      throw new Error(`Task '${taskId}' exited with ${String(code)} and is told ${last.state}`);
    }
    if (!excused) checkUpdated(taskId, history);
  }
}
