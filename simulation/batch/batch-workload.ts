import type { Cluster } from '../../testing/cluster.ts';
import { checkOrder, checkTruth, isStillborn } from './batch-checks.ts';
import { BatchLives, type BatchLivesOptions } from './batch-lives.ts';
import type { Workload } from '../framework-member.ts';
import { TaskOracle } from '../task-oracle.ts';

/** Two frameworks, one of them aware of partitions, that run a number of tasks each. */
export class BatchWorkload implements Workload {
  readonly members: readonly BatchLives[];
  readonly #oracle: TaskOracle;

  constructor(
    cluster: Cluster,
    options: Omit<BatchLivesOptions, 'name' | 'aware'>,
    cpusPerAgent: number,
  ) {
    const oracle = new TaskOracle(cluster, cpusPerAgent);
    this.#oracle = oracle;
    const aware = new BatchLives(cluster, {
      ...options,
      name: 'aware',
      aware: true,
      custom: false,
    });
    const unaware = new BatchLives(cluster, { ...options, name: 'unaware', aware: false });
    aware.record.onStatus = (status) => {
      oracle.told(status);
    };
    this.members = [aware, unaware];
  }

  async begin(): Promise<void> {
    for (const framework of this.members) await framework.begin();
  }

  calmDown(): void {}

  /** It ends by itself: it need not reach anything before. */
  missing(): readonly string[] {
    return [];
  }

  windDown(): void {}

  unfinished(): readonly string[] {
    const open = this.members.filter(
      (framework) =>
        !(framework.allLaunched && this.#allOver(framework) && this.#allTold(framework)),
    );
    return [
      ...open.map(({ name }) => `tasks of ${name}`),
      ...(this.#oracle.anyRunning ? ['the end of what runs'] : []),
    ];
  }

  check(): void {
    for (const framework of this.members) {
      for (const [taskId, history] of framework.record.history) checkOrder(taskId, history);
      checkTruth(framework, this.#oracle);
    }
  }

  #allOver(framework: BatchLives): boolean {
    return [...framework.record.launchedOn.keys()].every(
      (taskId) => framework.record.isOver(taskId) || isStillborn(framework, taskId, this.#oracle),
    );
  }

  /** Whether of each task that ended by itself the update has come, and not only an answer. */
  #allTold({ record, aware }: BatchLives): boolean {
    return [...record.launchedOn.keys()].every(
      (taskId) =>
        this.#oracle.exitCode(taskId) === undefined ||
        this.#oracle.lostPower(taskId) ||
        record.isTold(taskId) ||
        (!aware && record.history.get(taskId)?.at(-1)?.state === 'TASK_LOST'),
    );
  }
}
