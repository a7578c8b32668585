import { Resources } from '../../common/resources.ts';
import { isTerminal } from '../../common/task-state.ts';
import type { Millis } from '../../libprocess/index.ts';
import type { Offer, TaskInfo, TaskStatus } from '../../proto/index.ts';
import { SchedulerProcess, type SchedulerOptions } from '../../scheduler-driver/index.ts';
import { printStatus } from './print-status.ts';

export interface ExecuteOptions extends SchedulerOptions {
  readonly tasks: readonly Pick<TaskInfo, 'name' | 'task_id' | 'command'>[];
  /** Of each task. */
  readonly resources: Resources;
  readonly role: string;
  readonly killAfterMs: Millis | undefined;
  readonly print: (text: string) => void;
  /** Told of what a person may want to know, beside what happens to the tasks. */
  readonly explain: (text: string) => void;
}

const SECONDS_PER_MS = 1 / 1_000;
/** Offers too small are not wanted again for so long, unless the agent gets something back. */
const REFUSE_MS: Millis = 5_000;

/** Runs tasks, prints what becomes of them, and stops when all have ended. */
export class ExecuteScheduler extends SchedulerProcess {
  readonly #options: ExecuteOptions;
  readonly #waiting: ExecuteOptions['tasks'][number][];
  readonly #running = new Map<string, string>();
  #unfinished: number;
  #explained = false;
  #error: string | undefined;
  #subscribed = false;

  constructor(options: ExecuteOptions) {
    super(options);
    this.#options = options;
    this.#waiting = [...options.tasks];
    this.#unfinished = options.tasks.length;
  }

  /** Whether each task has finished, none failed, and so on. */
  get succeeded(): boolean {
    return this.#unfinished === 0 && this.#error === undefined;
  }

  /** Whether a master has answered. */
  get subscribed(): boolean {
    return this.#subscribed;
  }

  get failure(): string | undefined {
    return this.#error;
  }

  protected override registered(frameworkId: string): void {
    this.#subscribed = true;
    this.#options.print(`Subscribed with ID ${frameworkId}\n`);
  }

  protected override disconnected(): void {
    this.#options.explain('Lost the master: subscribing again');
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    for (const offer of offers) this.#use(offer);
    if (this.#waiting.length === 0) this.suppressOffers();
  }

  #use(offer: Offer): void {
    let left = Resources.fromProtobuf(offer.resources);
    const tasks: TaskInfo[] = [];
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const part = this.#partOf(left);
      if (!part) break;
      left = left.minus(part);
      tasks.push({ ...next, slave_id: offer.slave_id, resources: part.toProtobuf() });
      this.#waiting.shift();
    }
    if (tasks.length === 0) {
      if (this.#waiting.length > 0) this.#explainWait(left);
      this.declineOffer(offer.id.value, { refuse_seconds: REFUSE_MS * SECONDS_PER_MS });
      return;
    }
    this.launchTasks(offer.id.value, tasks);
    for (const { name, task_id } of tasks) {
      this.#running.set(task_id.value, offer.slave_id.value);
      this.#options.print(`Submitted task '${name}' to agent '${offer.slave_id.value}'\n`);
    }
  }

  /** What one task takes of it: unreserved, or reserved to our role; undefined if it does not fit. */
  #partOf(offered: Resources): Resources | undefined {
    const { resources, role } = this.#options;
    if (offered.contains(resources)) return resources;
    const reserved = Resources.parse(resources.toString(), role);
    return role !== '*' && reserved.ok && offered.contains(reserved.value)
      ? reserved.value
      : undefined;
  }

  #explainWait(offered: Resources): void {
    if (this.#explained) return;
    this.#explained = true;
    const { resources, explain } = this.#options;
    explain(`Waiting for ${resources.toString()}: an offer of ${offered.toString()} is too small`);
  }

  protected override statusUpdate(status: TaskStatus): void {
    const taskId = status.task_id.value;
    this.#options.print(printStatus(status));
    const { killAfterMs } = this.#options;
    if (status.state === 'TASK_RUNNING' && killAfterMs !== undefined) {
      this.delay(killAfterMs, () => this.#kill(taskId));
    }
    if (!isTerminal(status.state) || !this.#running.delete(taskId)) return;
    if (status.state === 'TASK_FINISHED') this.#unfinished -= 1;
    if (this.#running.size > 0 || this.#waiting.length > 0) return;
    // After the acknowledgement, which follows this callback.
    this.defer(() => this.stop())();
  }

  #kill(taskId: string): void {
    const agentId = this.#running.get(taskId);
    if (agentId === undefined) return;
    this.#options.print(`Asked to kill task '${taskId}' on agent '${agentId}'\n`);
    this.killTask(taskId, { agentId });
  }

  protected override error(message: string): void {
    this.#error = message;
  }
}
