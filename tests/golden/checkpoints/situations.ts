import { ExecutorProcess } from '../../../executor/executor-process.ts';
import type {
  ExecutorInfo,
  FrameworkInfo,
  Offer,
  Resource,
  TaskInfo,
  TaskState,
  TaskStatus,
} from '../../../proto/index.ts';
import { SchedulerProcess } from '../../../scheduler-driver/scheduler-process.ts';
import type { JsonObject } from '../stories/json.ts';
import { MASTER, RecordedHost } from '../stories/recorded-host.ts';
import { treeOf } from './meta-tree.ts';

const WAITS = 'while [ ! -e go ]; do sleep 0.1; done';
const EXECUTOR = '/opt/example/executor protobuf';

const FRAMEWORK: FrameworkInfo = {
  user: 'root',
  name: 'golden',
  failover_timeout: 3_600,
  checkpoint: true,
  hostname: 'localhost',
  capabilities: [{ type: 'MULTI_ROLE' }],
  roles: ['*'],
};

const resources = (): Resource[] =>
  Object.entries({ cpus: 0.1, mem: 32 }).map(([name, value]) => ({
    name,
    type: 'SCALAR',
    scalar: { value },
    allocation_info: { role: '*' },
  }));

const CUSTOM: ExecutorInfo = {
  executor_id: { value: 'exec-1' },
  type: 'CUSTOM',
  name: 'raw executor',
  command: { value: EXECUTOR },
  resources: resources(),
};

function tasks({ slave_id }: Offer): TaskInfo[] {
  const task = (id: string, more: Partial<TaskInfo>): TaskInfo => ({
    name: `task ${id}`,
    task_id: { value: id },
    slave_id,
    resources: resources(),
    ...more,
  });
  return [
    task('cmd-1', { command: { value: 'sleep 1000' } }),
    task('cmd-2', { command: { value: WAITS } }),
    task('cus-1', { executor: CUSTOM, labels: { labels: [{ key: 'a', value: 'b' }] } }),
  ];
}

class Scheduler extends SchedulerProcess {
  readonly states = new Map<string, TaskState>();
  acknowledges = false;
  agentId = '';
  readonly #held: TaskStatus[] = [];

  constructor() {
    const framework = FRAMEWORK;
    super({ master: MASTER.address, framework, implicitAcknowledgements: false });
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    for (const offer of offers) {
      const launched = this.agentId === '' ? tasks(offer) : [];
      this.agentId = offer.slave_id.value;
      this.launchTasks(offer.id.value, launched);
    }
  }

  protected override statusUpdate(status: TaskStatus): void {
    this.states.set(status.task_id.value, status.state);
    if (this.acknowledges) this.acknowledgeStatusUpdate(status);
    else this.#held.push(status);
  }

  acknowledgeAll(): void {
    this.acknowledges = true;
    for (const status of this.#held.splice(0)) this.acknowledgeStatusUpdate(status);
  }
}

class Executor extends ExecutorProcess {
  protected override launchTask({ task_id }: TaskInfo): void {
    this.sendStatusUpdate({ task_id, state: 'TASK_STARTING' });
    this.sendStatusUpdate({
      task_id,
      state: 'TASK_RUNNING',
      message: 'running',
      data: new TextEncoder().encode('some data'),
      labels: { labels: [{ key: 'k', value: 'v' }] },
    });
  }

  finish(taskId: string): void {
    const message = 'asked by message';
    this.sendStatusUpdate({ task_id: { value: taskId }, state: 'TASK_FINISHED', message });
  }
}

/** The recorded life of an agent's meta directory, lived by an agent of ours: what it held when. */
export async function situations(): Promise<Readonly<Record<string, JsonObject>>> {
  const host = await RecordedHost.settled();
  const { sim } = host;
  const scheduler = new Scheduler();
  const executor = new Executor();
  const finishers: (() => void)[] = [];
  host.installExecutor(EXECUTOR, () => executor);
  host.installCommand(WAITS, ({ exit }) => finishers.push(() => exit(0)));
  const found: Record<string, JsonObject> = {};
  const disk = sim.boot(host.machine).runtime.disk;
  const look = async (situation: string, afterMs: number): Promise<void> => {
    await sim.advance(afterMs);
    found[situation] = await sim.complete(treeOf(disk));
  };
  await host.runScheduler(scheduler);
  // Acknowledged after TASK_RUNNING was recorded, as it happened there.
  await sim.advance(2_000);
  scheduler.acknowledgeAll();
  await look('1-running', 1_000);
  scheduler.acknowledges = false;
  executor.finish('cus-1');
  for (const finish of finishers) finish();
  await look('2-finished-unacknowledged', 500);
  host.killAgent();
  await look('3-agent-killed', 1_000);
  await host.startAgent();
  await host.until(({ name }) => name === 'mesos.internal.SlaveReregisteredMessage');
  await look('4-agent-recovered', 1_000);
  scheduler.acknowledgeAll();
  await look('5-acknowledged', 3_000);
  scheduler.shutdownExecutor('exec-1', scheduler.agentId);
  await look('6-executor-shut-down', 7_000);
  scheduler.stop();
  await look('7-framework-torn-down', 7_000);
  return found;
}
