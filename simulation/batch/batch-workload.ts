import type { Cluster } from '../../testing/cluster.ts';
import { checkOrder, checkTruth, isStillborn } from './batch-checks.ts';
import { BatchLives, type BatchLivesOptions } from './batch-lives.ts';
import type { Deeds } from '../deeds.ts';
import type { Workload } from '../framework-member.ts';
import { TaskOracle } from '../task-oracle.ts';

/** Two frameworks, one of them aware of partitions, that run a number of tasks each. */
export class BatchWorkload implements Workload {
  readonly members: readonly BatchLives[];
  readonly guests: readonly BatchLives[] = [];
  readonly #oracle: TaskOracle;

  constructor(
    cluster: Cluster,
    options: Omit<BatchLivesOptions, 'name' | 'aware'>,
    { cpusPerAgent, deeds }: { readonly cpusPerAgent: number; readonly deeds: Deeds },
  ) {
    const oracle = new TaskOracle(cluster, cpusPerAgent);
    this.#oracle = oracle;
    oracle.isExcused = ({ machine, process }) => deeds.excuse(machine, process);
    oracle.isForgotten = (agentId) => deeds.hasForgottenAgent(agentId);
    const aware = new BatchLives(cluster, {
      ...options,
      name: 'aware',
      aware: true,
      custom: false,
    });
    const unaware = new BatchLives(cluster, { ...options, name: 'unaware', aware: false });
    aware.record.onStatus = (status) => {
      try {
        oracle.told(status);
      } catch (error) {
        // Thrown in a turn of the scheduler it would end that alone.
        cluster.failures.push(error instanceof Error ? error.message : String(error));
      }
    };
    this.members = [aware, unaware];
  }

  get eager(): readonly BatchLives[] {
    return this.members;
  }

  async begin(): Promise<void> {
    for (const framework of this.members) await framework.begin();
  }

  calmDown(): void {}

  goOn(): void {}

  /** It ends by itself: it need not reach anything before, but go on without some machines. */
  missing(outside?: ReadonlySet<string>): readonly string[] {
    return outside ? this.members.filter(isLaunching).map(({ name }) => `launches of ${name}`) : [];
  }

  windDown(): Promise<void> {
    return Promise.resolve();
  }

  unfinished(): readonly string[] {
    const open = this.members.flatMap((framework) => [
      ...(isLaunching(framework) ? [`launches of ${framework.name}`] : []),
      ...[...framework.record.launchedOn.keys()].filter((id) => this.#isOpen(framework, id)),
    ]);
    return [...open, ...(this.#oracle.anyRunning ? ['the end of what runs'] : [])];
  }

  check(): void {
    for (const framework of this.members) {
      for (const [taskId, history] of framework.record.history) checkOrder(taskId, history);
      checkTruth(framework, this.#oracle);
    }
  }

  /** It is not over, or the update itself has not come of its end, but only an answer. */
  #isOpen(framework: BatchLives, taskId: string): boolean {
    const { record, aware } = framework;
    const oracle = this.#oracle;
    if (isStillborn(framework, taskId, oracle)) return false;
    if (!record.isOver(taskId)) return true;
    const isLost = !aware && record.history.get(taskId)?.at(-1)?.state === 'TASK_LOST';
    const isExcused = oracle.lostPower(taskId) || oracle.excused(taskId);
    const hasEnded = oracle.exitCode(taskId) !== undefined;
    return hasEnded && !isExcused && !isLost && !record.isTold(taskId);
  }
}

const isLaunching = ({ allLaunched }: BatchLives): boolean => !allLaunched;
