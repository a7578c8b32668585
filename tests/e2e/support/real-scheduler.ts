import { SILENT_LOGGER } from '../../../libprocess/logger.ts';
import { NodeNetwork } from '../../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../../libprocess/node/node-runtime.ts';
import type { ProcessManager } from '../../../libprocess/process-manager.ts';
import { startNode } from '../../../libprocess/start-node.ts';
import type { FrameworkInfo, Offer, TaskInfo, TaskState } from '../../../proto/index.ts';
import { taskOf, type TaskRequest } from '../../../testing/test-scheduler.ts';
import { HeardScheduler } from './heard-scheduler.ts';

const UNTIL_MS_MAX = 30_000;
/** How soon agents and frameworks look for their master: what is measured here is not the dice. */
export const BACKOFF_MS = 100;

/** Tasks and their updates outlive the agent and the scheduler. */
export const LASTING: FrameworkInfo = {
  user: 'root',
  name: 'lasting',
  checkpoint: true,
  failover_timeout: 3_600,
  capabilities: [{ type: 'PARTITION_AWARE' }, { type: 'TASK_KILLING_STATE' }],
};

export interface RealSchedulerOptions {
  readonly master: string;
  readonly framework?: FrameworkInfo;
  readonly backoffMs?: number;
  readonly traceFile?: string;
}

/** A scheduler on real sockets in this process, which can be waited on. */
export class RealScheduler implements AsyncDisposable {
  readonly driver: HeardScheduler;
  readonly #node: ProcessManager;
  readonly #watchers = new Set<() => void>();

  private constructor(node: ProcessManager, options: RealSchedulerOptions) {
    const { master, framework = LASTING, backoffMs = BACKOFF_MS } = options;
    this.#node = node;
    this.driver = new HeardScheduler(
      { master, framework, registrationBackoffFactorMs: backoffMs },
      () => {
        for (const look of [...this.#watchers]) look();
      },
    );
    node.spawn(this.driver);
  }

  /** Resolves when it has subscribed. */
  static async start(options: RealSchedulerOptions): Promise<RealScheduler> {
    const { traceFile } = options;
    const runtime = nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER, traceFile });
    const node = await startNode({ runtime, ip: '127.0.0.1', port: 0 });
    const scheduler = new RealScheduler(node, options);
    await scheduler.until('the framework registers', ({ registrations }) => registrations > 0);
    return scheduler;
  }

  /** Waits for callbacks to make `condition` true. */
  until(what: string, condition: (driver: HeardScheduler) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition(this.driver)) return;
        clearTimeout(patience);
        this.#watchers.delete(look);
        resolve();
      };
      const patience = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`Waited in vain: ${what}\n${this.driver.heard()}`));
      }, UNTIL_MS_MAX);
      this.#watchers.add(look);
      look();
    });
  }

  /** An offer that the scheduler holds, or the next one; it is the caller's to use. */
  async offer(): Promise<Offer> {
    const { offers } = this.driver;
    await this.until('an offer', () => offers.size > 0);
    const [offer] = offers.values();
    if (!offer) throw new Error('The scheduler holds an offer');
    offers.delete(offer.id.value);
    return offer;
  }

  /** Launches tasks on the next offer; `change` is for what a `TaskRequest` cannot say. */
  async launch(
    requests: ReadonlyMap<string, TaskRequest>,
    change: (task: TaskInfo) => TaskInfo = (task) => task,
  ): Promise<void> {
    const offer = await this.offer();
    const tasks = [...requests].map(([id, request]) => change(taskOf(offer, id, request)));
    this.driver.launchTasks(offer.id.value, tasks, { refuse_seconds: 0 });
  }

  /** Waits until the latest update of each task says so. */
  reach(state: TaskState, ...ids: readonly string[]): Promise<void> {
    return this.until(`${state} of ${ids.join(', ')}`, (driver) =>
      ids.every((id) => driver.latest(id)?.state === state),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#node[Symbol.asyncDispose]();
  }
}
