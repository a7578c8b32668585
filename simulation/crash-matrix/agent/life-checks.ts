import { isTerminal } from '../../../common/task-state.ts';
import { checkOrder } from '../../batch/batch-checks.ts';
import type { TaskOracle } from '../../task-oracle.ts';
import { Violation } from '../stage.ts';
import { TASK_IDS } from './life-framework.ts';
import type { LifeRecord } from './life-record.ts';

export interface LifeTruth {
  readonly record: LifeRecord;
  readonly oracle: TaskOracle;
  /** Whether processes were killed that an agent needs: tasks may have died with them. */
  readonly othersKilled: boolean;
}

/** R1, R2, U1, U2, U5, U8, T1, T3, T4: what was told of each task is what has become of it. */
export function checkTold(truth: LifeTruth): void {
  const { record } = truth;
  for (const taskId of TASK_IDS) {
    const history = record.history.get(taskId) ?? [];
    checkOrder(taskId, history);
    const last = history.at(-1)?.state;
    if (last === undefined || !isTerminal(last))
      throw new Violation(`T1: task '${taskId}' was never told to end, but ${last ?? 'nothing'}`);
    checkEnd(truth, taskId, last);
  }
}

function checkEnd({ record, oracle, othersKilled }: LifeTruth, taskId: string, told: string): void {
  const code = oracle.exitCode(taskId);
  const began = oracle.hasStarted(taskId);
  if (told === 'TASK_FINISHED' && code !== 0)
    throw new Violation(`U8: task '${taskId}' has not finished, and is told to`);
  if (told === 'TASK_DROPPED' && began)
    throw new Violation(`U8: task '${taskId}' began, and is told to be dropped`);
  if (told === 'TASK_KILLED' && !record.killed.has(taskId))
    throw new Violation(`U8: nobody killed task '${taskId}'`);
  if (oracle.lostPower(taskId) || othersKilled || !began) return;
  if (code === undefined) {
    if (told !== 'TASK_KILLED') throw new Violation(`R1: task '${taskId}' ended as ${told}, why?`);
    return;
  }
  const truth = code === 0 ? 'TASK_FINISHED' : 'TASK_FAILED';
  const killed = told === 'TASK_KILLED' && record.killed.has(taskId);
  if (told !== truth && !killed)
    throw new Violation(`U8: task '${taskId}' exited with ${code} and is told ${told}`);
  const own = record.ownOf(taskId).map(({ state }) => state);
  if (!own.includes('TASK_RUNNING') || !own.includes(told))
    throw new Violation(`U1: of task '${taskId}' only ${own.join()} was told`);
}
