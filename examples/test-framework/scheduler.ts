import { fileURLToPath } from 'node:url';
import type {
  ExecutorInfo,
  FrameworkInfo,
  Offer,
  TaskInfo,
  TaskStatus,
} from '../../proto/index.ts';
import { Resources, SchedulerProcess } from '../../scheduler-driver/index.ts';

const FRAMEWORK: FrameworkInfo = { user: '', name: 'Test Framework (TypeScript)' };
const TASK_RESOURCES = Resources.from('cpus:0.5;mem:32');
const EXECUTOR_RESOURCES = Resources.from('cpus:0.1;mem:32');

const program = fileURLToPath(new URL('./executor.js', import.meta.url));
const EXECUTOR: ExecutorInfo = {
  executor_id: { value: 'default' },
  name: 'Test Executor (TypeScript)',
  command: { value: `exec '${process.execPath}' '${program}'` },
  resources: EXECUTOR_RESOURCES.toProtobuf(),
};

/** Runs some tasks by an executor of its own, and checks that each comes back as it went. */
export class TestFramework extends SchedulerProcess {
  readonly #total: number;
  #launched = 0;
  finished = 0;

  constructor(master: string, total = 5) {
    super({ master, framework: FRAMEWORK });
    this.#total = total;
  }

  protected override registered(frameworkId: string): void {
    console.log(`Registered with id ${frameworkId}`);
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    for (const offer of offers) {
      // The first task on an agent brings the executor along.
      let left = Resources.fromProtobuf(offer.resources).minus(EXECUTOR_RESOURCES);
      const tasks: TaskInfo[] = [];
      while (this.#launched < this.#total && left.contains(TASK_RESOURCES)) {
        tasks.push(this.#task(this.#launched, offer));
        this.#launched += 1;
        left = left.minus(TASK_RESOURCES);
      }
      this.launchTasks(offer.id.value, tasks); // Without tasks it declines the offer.
    }
  }

  #task(index: number, { slave_id }: Offer): TaskInfo {
    console.log(`Launching task ${index} on agent ${slave_id.value}`);
    return {
      name: `Task ${index}`,
      task_id: { value: String(index) },
      slave_id,
      executor: EXECUTOR,
      resources: TASK_RESOURCES.toProtobuf(),
      data: Buffer.from(`data of ${index}`),
    };
  }

  protected override statusUpdate({ task_id, state, message, data }: TaskStatus): void {
    console.log(`Task ${task_id.value} is in state ${state}`);
    if (state === 'TASK_RUNNING') return;
    const expected = `data of ${task_id.value}`;
    if (state !== 'TASK_FINISHED' || Buffer.from(data ?? []).toString() !== expected) {
      console.error(`Aborting: ${message ?? 'the data did not come back'}`);
      this.abort();
      return;
    }
    this.finished += 1;
    if (this.finished === this.#total) this.stop();
  }

  protected override error(message: string): void {
    console.error(message);
  }
}
