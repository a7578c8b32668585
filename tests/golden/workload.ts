import { ExecutorProcess } from '../../executor/executor-process.ts';
import type {
  FrameworkInfo,
  Offer,
  Resource,
  TaskInfo,
  TaskState,
  TaskStatus,
} from '../../proto/index.ts';
import { SchedulerProcess } from '../../scheduler-driver/scheduler-process.ts';
import { noExecutorFramework } from './stories/frameworks.ts';
import { MASTER, RecordedHost } from './stories/recorded-host.ts';

const EXECUTOR = '/opt/example/executor json';

const resources = (role: string): Resource[] =>
  Object.entries({ cpus: 0.1, mem: 32 }).map(([name, value]) => ({
    name,
    type: 'SCALAR',
    scalar: { value },
    allocation_info: { role },
  }));

const PORTS: Resource = {
  name: 'ports',
  type: 'RANGES',
  ranges: { range: [{ begin: 31_000, end: 31_001 }] },
  allocation_info: { role: '*' },
};

type Tasks = Readonly<Record<string, Partial<TaskInfo>>>;

const ALPHA: Tasks = {
  'run-1': {
    command: { value: 'sleep 1000', user: 'root' },
    resources: [...resources('*'), PORTS],
    labels: { labels: [{ key: 'team', value: 'a' }, { key: 'empty' }] },
    discovery: {
      visibility: 'CLUSTER',
      name: 'web',
      environment: 'test',
      location: 'here',
      version: '1',
      ports: {
        ports: [
          {
            number: 31_000,
            name: 'http',
            protocol: 'tcp',
            labels: { labels: [{ key: 'l', value: '1' }] },
          },
        ],
      },
      labels: { labels: [{ key: 'd', value: 'x' }] },
    },
  },
  'fin-1': { command: { value: 'echo hello; sleep 1' } },
  'fail-1': { command: { value: 'exit 7' } },
  'kill-1': { command: { value: 'sleep 1000' } },
  'cus-1': {
    executor: {
      executor_id: { value: 'custom-1' },
      type: 'CUSTOM',
      name: 'raw executor',
      source: 'example',
      command: { value: EXECUTOR },
      resources: resources('*'),
    },
  },
};

const BETA: Tasks = {
  'b-run': { command: { value: 'sleep 1000' } },
  'b-fail': { command: { value: 'false' } },
};

class Scheduler extends SchedulerProcess {
  readonly states = new Map<string, TaskState>();
  readonly #tasks: Tasks;
  readonly #role: string;
  #launched = false;

  constructor(framework: FrameworkInfo, role: string, tasks: Tasks) {
    super({ master: MASTER.address, framework });
    this.#tasks = tasks;
    this.#role = role;
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    for (const { id, slave_id, allocation_info } of offers) {
      const use = !this.#launched && allocation_info?.role === this.#role;
      if (use) this.launchTasks(id.value, this.#all(slave_id));
      else this.declineOffer(id.value, { refuse_seconds: 3_600 });
      this.#launched ||= use;
      if (use) this.suppressOffers();
    }
  }

  #all(slave_id: Offer['slave_id']): TaskInfo[] {
    return Object.entries(this.#tasks).map(([id, what]) => ({
      name: `task ${id}`,
      task_id: { value: id },
      slave_id,
      resources: resources(this.#role),
      ...what,
    }));
  }

  protected override statusUpdate({ task_id, state }: TaskStatus): void {
    this.states.set(task_id.value, state);
  }
}

class Executor extends ExecutorProcess {
  protected override launchTask({ task_id }: TaskInfo): void {
    this.sendStatusUpdate({ task_id, state: 'TASK_STARTING' });
    const labels = { labels: [{ key: 'k', value: 'v' }] };
    this.sendStatusUpdate({ task_id, state: 'TASK_RUNNING', labels });
  }
}

/** The cluster of the recordings in `http/workload`, save for what is not built: health checks. */
export async function workload(): Promise<RecordedHost> {
  const host = await RecordedHost.masterOnly();
  host.installExecutor(EXECUTOR, () => new Executor());
  await host.startAgent({ attributes: 'rack:r1;zone:[1-3];size:2.5' });
  const framework = { user: 'root', hostname: 'localhost' };
  const alpha = new Scheduler(
    {
      ...framework,
      name: 'alpha',
      webui_url: 'http://localhost/alpha',
      failover_timeout: 3_600,
      checkpoint: true,
      roles: ['*'],
      capabilities: [{ type: 'MULTI_ROLE' }],
      labels: { labels: [{ key: 'owner', value: 'alpha' }] },
    },
    '*',
    ALPHA,
  );
  await host.runScheduler(alpha);
  await host.sim.until(() => alpha.states.get('kill-1') === 'TASK_RUNNING', 60_000);
  alpha.killTask('kill-1');
  await host.sim.advance(2_000);
  const roles = ['dev', 'qa'];
  const beta = new Scheduler(
    {
      ...framework,
      name: 'beta',
      principal: 'beta',
      roles,
      capabilities: [{ type: 'MULTI_ROLE' }],
    },
    'dev',
    BETA,
  );
  await host.runScheduler(beta);
  await host.sim.until(() => beta.states.get('b-fail') === 'TASK_FAILED', 60_000);
  host.delayCommand('echo hi', { task: '1', byMs: 60 }); // The last to end, as recorded.
  await host.runScheduler(noExecutorFramework({ command: 'echo hi', tasks: 2 }));
  await host.sim.advance(10_000);
  return host;
}
