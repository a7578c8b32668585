import type { Millis } from '../../libprocess/clock.ts';
import type { FrameworkInfo, Offer, TaskInfo, TaskState, TaskStatus } from '../../proto/index.ts';
import { SchedulerProcess } from '../../scheduler-driver/scheduler-process.ts';
import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import { EXECUTOR } from './batch-executor.ts';
import type { BatchRecord } from './batch-record.ts';
import { TASK } from '../task-oracle.ts';

export interface BatchOptions {
  readonly master: string;
  readonly framework: FrameworkInfo;
  readonly random: SimRandom;
  readonly tasks: number;
  /** How long they take, at most. */
  readonly taskSecondsMax: number;
  /** Whether its tasks run in a custom executor, one on each agent, or are commands. */
  readonly custom: boolean;
  /** How likely it is that a task is killed once it runs. */
  readonly killChance: number;
  /** Of the schedulers before this one, and for those after it. */
  readonly record: BatchRecord;
}

/** Tasks that do not say anything for so long are asked about. */
const RECONCILE_MS = 30_000;
/** Updates are acknowledged late, so that faults find unacknowledged ones. */
const ACKNOWLEDGES_WITHIN_MS = 8_000;
/** After it was heard that a task is in a state. */
const KILLS_WITHIN_MS: Partial<Record<TaskState, Millis>> = {
  TASK_STARTING: 0,
  TASK_RUNNING: 20_000,
};
/** While there is something to launch, and when there is nothing any more. */
const REFUSE_SECONDS = 5;
export const REFUSE_SECONDS_IDLE = 30;

const commandOf = (...argv: readonly [string, ...string[]]) => ({
  shell: false,
  value: argv[0],
  arguments: argv,
});

const EXECUTOR_INFO = { executor_id: { value: 'batch' }, command: commandOf(EXECUTOR) };

/**
 * A framework that runs a number of tasks as well as it can, and notes all that it is told. It asks
 * about silent tasks, as every framework must, and launches none twice.
 */
export class BatchFramework extends SchedulerProcess {
  readonly #options: BatchOptions;

  constructor(options: BatchOptions) {
    super({ ...options, registrationBackoffFactorMs: 1_000, implicitAcknowledgements: false });
    this.#options = options;
  }

  protected override registered(frameworkId: string): void {
    this.#options.record.frameworkId = frameworkId;
    this.#reconcileLater();
  }

  #reconcileLater(): void {
    this.delay(RECONCILE_MS, () => {
      const { record } = this.#options;
      const silent = [...record.launchedOn].filter(([taskId]) => !record.isOver(taskId));
      this.reconcileTasks(silent.map(([taskId, agentId]) => ({ taskId, agentId })));
      for (const [taskId, agentId] of silent) {
        if (record.killed.has(taskId)) this.killTask(taskId, { agentId }); // It may not have arrived.
      }
      this.#reconcileLater();
    });
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    this.#options.record.offers += offers.length;
    this.#options.record.onOffers(offers);
    for (const offer of offers) this.#use(offer);
  }

  protected override slaveLost(agentId: string): void {
    this.#options.record.onAgentLost(agentId);
  }

  #use(offer: Offer): void {
    let cpus = offer.resources?.find(({ name }) => name === 'cpus')?.scalar?.value ?? 0;
    const tasks: TaskInfo[] = [];
    const { record, tasks: wanted } = this.#options;
    while (cpus >= 1 && record.launchedOn.size < wanted && tasks.length < 2) {
      tasks.push(this.#task(offer));
      cpus -= 1;
    }
    if (tasks.length > 0) this.launchTasks(offer.id.value, tasks, { refuse_seconds: 1 });
    else this.#decline(offer);
  }

  #decline(offer: Offer): void {
    const { record, tasks } = this.#options;
    const isIdle = record.launchedOn.size >= tasks;
    const refuse_seconds = isIdle ? REFUSE_SECONDS_IDLE : REFUSE_SECONDS;
    this.declineOffer(offer.id.value, { refuse_seconds });
  }

  #task(offer: Offer): TaskInfo {
    const { random, framework, record, taskSecondsMax } = this.#options;
    const taskId = `${framework.name}-${String(record.launchedOn.size)}`;
    record.launchedOn.set(taskId, offer.slave_id.value);
    // Some are over before anyone has heard that they run.
    const seconds = random.chance(0.2) ? random.next() : random.between(1, taskSecondsMax);
    const code = random.chance(0.2) ? 1 : 0;
    const scalar = (name: string, value: number) => ({
      name,
      type: 'SCALAR' as const,
      scalar: { value },
      allocation_info: { role: '*' },
    });
    return {
      name: taskId,
      task_id: { value: taskId },
      slave_id: offer.slave_id,
      resources: [scalar('cpus', 1), scalar('mem', 64)],
      ...(this.#options.custom
        ? { executor: EXECUTOR_INFO, data: new TextEncoder().encode(`${seconds} ${code}`) }
        : { command: commandOf(TASK, taskId, String(seconds), String(code)) }),
    };
  }

  protected override statusUpdate(status: TaskStatus): void {
    const { record, random, killChance } = this.#options;
    record.note(status);
    const withinMs = KILLS_WITHIN_MS[status.state];
    const kills = killChance > 0 && withinMs !== undefined && random.chance(killChance);
    if (kills) this.#kill(status.task_id.value, random.between(0, withinMs));
    const thinksMs = random.between(0, ACKNOWLEDGES_WITHIN_MS);
    this.delay(thinksMs, () => {
      this.acknowledgeStatusUpdate(status);
    });
  }

  #kill(taskId: string, afterMs: Millis): void {
    const { record } = this.#options;
    this.delay(afterMs, () => {
      if (record.isOver(taskId)) return; // It would be told to be unknown.
      record.killed.add(taskId);
      this.killTask(taskId);
    });
  }
}
