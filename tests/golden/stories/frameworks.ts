import { ExecutorProcess } from '../../../executor/executor-process.ts';
import type {
  Filters,
  FrameworkInfo,
  Offer,
  Resource,
  TaskInfo,
  TaskStatus,
} from '../../../proto/index.ts';
import { SchedulerProcess } from '../../../scheduler-driver/scheduler-process.ts';
import { MASTER } from './recorded-host.ts';

export const TEST_EXECUTOR = '/usr/libexec/mesos/test-executor';

const FRAMEWORK: FrameworkInfo = {
  user: 'root',
  name: '',
  checkpoint: false,
  hostname: 'localhost',
  principal: 'test',
  capabilities: [{ type: 'MULTI_ROLE' }, { type: 'RESERVATION_REFINEMENT' }],
  roles: ['*'],
};

interface Work {
  readonly framework: Partial<FrameworkInfo>;
  readonly tasks: number;
  readonly cpus: number;
  readonly mem: number;
  /** What is not the same for all tasks. */
  readonly task: (ordinal: number) => Partial<TaskInfo>;
}

/** Does what Mesos's example frameworks do: launches as many tasks as fit until all have run. */
class Example extends SchedulerProcess {
  readonly #work: Work;
  #launched = 0;
  #finished = 0;

  constructor(work: Work) {
    super({ master: MASTER.address, framework: { ...FRAMEWORK, ...work.framework } });
    this.#work = work;
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    for (const offer of offers) this.#use(offer);
  }

  #use(offer: Offer): void {
    const { cpus, mem, tasks } = this.#work;
    const left = { cpus: scalarOf(offer, 'cpus'), mem: scalarOf(offer, 'mem') };
    const launched: TaskInfo[] = [];
    while (this.#launched < tasks && left.cpus >= cpus && left.mem >= mem) {
      left.cpus -= cpus;
      left.mem -= mem;
      launched.push(this.#task(offer, this.#launched++));
    }
    this.launchTasks(offer.id.value, launched, FILTERS);
  }

  #task({ slave_id }: Offer, ordinal: number): TaskInfo {
    const { cpus, mem, task } = this.#work;
    return {
      name: '',
      task_id: { value: String(ordinal) },
      slave_id,
      resources: [scalar('cpus', cpus), scalar('mem', mem)],
      ...task(ordinal),
    };
  }

  protected override statusUpdate({ state }: TaskStatus): void {
    if (state === 'TASK_FINISHED') this.#finished += 1;
    if (state === 'TASK_LOST' || this.#finished === this.#work.tasks) this.stop();
  }
}

const FILTERS: Filters = {};

const scalar = (name: string, value: number): Resource => ({
  name,
  type: 'SCALAR',
  scalar: { value },
  allocation_info: { role: '*' },
});

const scalarOf = (offer: Offer, name: string): number =>
  offer.resources?.find((each) => each.name === name)?.scalar?.value ?? 0;

/** `test-framework`: five tasks on one executor. */
export const testFramework = (): SchedulerProcess =>
  new Example({
    framework: { name: 'Test Framework (C++)' },
    tasks: 5,
    cpus: 1,
    mem: 128,
    task: (ordinal) => ({
      name: `Task ${String(ordinal)}`,
      executor: {
        executor_id: { value: 'default' },
        command: { value: TEST_EXECUTOR },
        name: 'Test Executor (C++)',
      },
    }),
  });

/** `no-executor-framework`: command tasks. */
export const noExecutorFramework = (options: {
  readonly command: string;
  readonly tasks: number;
  readonly checkpoint?: boolean;
}): SchedulerProcess =>
  new Example({
    framework: { name: 'No Executor Framework', checkpoint: options.checkpoint ?? false },
    tasks: options.tasks,
    cpus: 0.1,
    mem: 32,
    task: () => ({ name: options.command, command: { value: options.command, shell: true } }),
  });

/** `test-executor`: each task ends as soon as it runs. */
export class RecordedExecutor extends ExecutorProcess {
  protected override launchTask({ task_id }: TaskInfo): void {
    this.sendStatusUpdate({ task_id, state: 'TASK_RUNNING' });
    this.sendStatusUpdate({ task_id, state: 'TASK_FINISHED' });
  }
}
