import type { FrameworkInfo, Offer, TaskInfo, TaskStatus } from '../../../proto/index.ts';
import { SchedulerProcess } from '../../../scheduler-driver/scheduler-process.ts';
import { EXECUTOR } from '../../batch/batch-executor.ts';
import { TASK } from '../../task-oracle.ts';
import type { LifeRecord } from './life-record.ts';

/** What a task does: seconds and exit code. `custom`: in an executor of the framework's own. */
interface LifeTask {
  readonly taskId: string;
  readonly seconds: number;
  readonly code: number;
  readonly custom?: boolean;
}

/** Lives until it is killed. */
const STUBBORN = 'stubborn';

const FIRST_TASKS: readonly LifeTask[] = [
  { taskId: 'short', seconds: 2, code: 0 },
  { taskId: 'failing', seconds: 5, code: 1 },
  { taskId: STUBBORN, seconds: 900, code: 0 },
  { taskId: 'custom', seconds: 2, code: 0, custom: true },
  { taskId: 'custom-failing', seconds: 5, code: 1, custom: true },
];
/** Shows that the agent can do all of it again. */
const LAST_TASK: LifeTask = { taskId: 'last', seconds: 1, code: 0 };

export const TASK_IDS = [...FIRST_TASKS, LAST_TASK].map(({ taskId }) => taskId);

const KILLS_AFTER_MS = 4_000;
/** An update is unacknowledged for some time, so that crashes find it so. */
const ACKNOWLEDGES_AFTER_MS = 700;
const RECONCILES_EVERY_MS = 15_000;

const commandOf = (...argv: readonly [string, ...string[]]) => ({
  shell: false,
  value: argv[0],
  arguments: argv,
});

/** Runs a few tasks of every kind on one agent, kills one of them, and then runs one more. */
export class LifeFramework extends SchedulerProcess {
  readonly #record: LifeRecord;

  constructor(master: string, record: LifeRecord) {
    const framework: FrameworkInfo = {
      user: 'root',
      name: 'life',
      checkpoint: true,
      failover_timeout: 3_600,
      capabilities: [{ type: 'PARTITION_AWARE' }, { type: 'TASK_KILLING_STATE' }],
      ...(record.frameworkId !== undefined && { id: { value: record.frameworkId } }),
    };
    super({ master, framework, implicitAcknowledgements: false });
    this.#record = record;
  }

  protected override registered(frameworkId: string): void {
    this.#record.frameworkId = frameworkId;
    this.#reconcileLater();
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    for (const offer of offers) {
      const due = this.#record.last ? [LAST_TASK] : FIRST_TASKS;
      const tasks = due.filter(({ taskId }) => !this.#record.launchedOn.has(taskId));
      for (const { taskId } of tasks) this.#record.launchedOn.set(taskId, offer.slave_id.value);
      const infos = tasks.map((task) => taskOf(offer, task));
      if (infos.length > 0) this.launchTasks(offer.id.value, infos, { refuse_seconds: 1 });
      else this.declineOffer(offer.id.value, { refuse_seconds: 1 });
    }
  }

  protected override statusUpdate(status: TaskStatus): void {
    this.#record.note(status);
    const taskId = status.task_id.value;
    if (taskId === STUBBORN && status.state === 'TASK_RUNNING') {
      this.delay(KILLS_AFTER_MS, () => {
        this.#kill(taskId);
      });
    }
    this.delay(ACKNOWLEDGES_AFTER_MS, () => {
      this.acknowledgeStatusUpdate(status);
    });
  }

  #kill(taskId: string): void {
    if (this.#record.isOver(taskId)) return;
    this.#record.killed.add(taskId);
    this.killTask(taskId);
  }

  /** Asks after silent tasks; kills again what shall not be, as that may not have arrived. */
  #reconcileLater(): void {
    this.delay(RECONCILES_EVERY_MS, () => {
      const { launchedOn } = this.#record;
      const silent = [...launchedOn].filter(([taskId]) => !this.#record.isOver(taskId));
      this.reconcileTasks(silent.map(([taskId, agentId]) => ({ taskId, agentId })));
      for (const [taskId] of silent) if (taskId === STUBBORN) this.#kill(taskId);
      this.#reconcileLater();
    });
  }
}

function taskOf(offer: Offer, { taskId, seconds, code, custom = false }: LifeTask): TaskInfo {
  const scalar = (name: string, value: number) => ({
    name,
    type: 'SCALAR' as const,
    scalar: { value },
    allocation_info: { role: '*' },
  });
  const executor = { executor_id: { value: 'custom' }, command: commandOf(EXECUTOR) };
  return {
    name: taskId,
    task_id: { value: taskId },
    slave_id: offer.slave_id,
    resources: [scalar('cpus', 0.5), scalar('mem', 32)],
    ...(custom
      ? { executor, data: new TextEncoder().encode(`${seconds} ${code}`) }
      : { command: commandOf(TASK, taskId, String(seconds), String(code)) }),
  };
}
