// A stream of short tasks under a scheduler that restarts itself, and loses none:
// node dist/examples/long-lived.js [HOST:PORT] [TASKS] [TASKS PER LIFE]
import { isTerminal } from '../common/task-state.ts';
import type { Offer, TaskInfo, TaskStatus } from '../proto/index.ts';
import { Resources, SchedulerProcess } from '../scheduler-driver/index.ts';

const NEEDED = Resources.from('cpus:0.2;mem:32');
/** How long the master keeps tasks of a framework whose scheduler is gone. */
const FAILOVER_TIMEOUT_SECONDS = 60;

/** What outlives a scheduler: in a real framework, rows of a database. */
interface Ledger {
  frameworkId: string | undefined;
  readonly total: number;
  /** Written before the launch, so that a task can be asked about but never forgotten. */
  readonly launched: Map<string, string>;
  readonly ended: Map<string, string>;
}

/** One life of the scheduler: ends after some tasks, and leaves the others to the next. */
class LongLivedFramework extends SchedulerProcess {
  readonly #ledger: Ledger;
  #lives: number;

  constructor(master: string, ledger: Ledger, tasks: number) {
    super({
      master,
      framework: {
        user: '',
        name: 'long-lived framework',
        failover_timeout: FAILOVER_TIMEOUT_SECONDS,
        checkpoint: true,
        ...(ledger.frameworkId !== undefined && { id: { value: ledger.frameworkId } }),
      },
    });
    this.#ledger = ledger;
    this.#lives = tasks;
  }

  protected override registered(frameworkId: string): void {
    this.#ledger.frameworkId = frameworkId;
    // What happened meanwhile comes by itself; this asks about the launches that may not have arrived.
    this.reconcileTasks(this.#open.map(([taskId, agentId]) => ({ taskId, agentId })));
  }

  get #open(): [taskId: string, agentId: string][] {
    return [...this.#ledger.launched].filter(([taskId]) => !this.#ledger.ended.has(taskId));
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    const { launched, total } = this.#ledger;
    for (const { id, slave_id, resources } of offers) {
      const tasks: TaskInfo[] = [];
      let left = Resources.fromProtobuf(resources);
      while (launched.size < total && left.contains(NEEDED)) {
        const taskId = `task-${launched.size}`;
        launched.set(taskId, slave_id.value);
        left = left.minus(NEEDED);
        tasks.push({
          name: taskId,
          task_id: { value: taskId },
          slave_id,
          command: { value: 'sleep 0.1' },
          resources: NEEDED.toProtobuf(),
        });
      }
      // The rest may be offered again at once: more tasks are to come.
      this.launchTasks(id.value, tasks, { refuse_seconds: 0 });
    }
  }

  protected override statusUpdate({ task_id, state }: TaskStatus): void {
    const { ended, total } = this.#ledger;
    if (!isTerminal(state) || ended.has(task_id.value)) return;
    ended.set(task_id.value, state);
    this.#lives -= 1;
    if (ended.size === total) this.stop();
    else if (this.#lives === 0) this.stop({ failover: true });
  }

  protected override error(message: string): void {
    console.error(message);
  }
}

const [, , master = '127.0.0.1:5050', total = '40', perLife = '10'] = process.argv;
const ledger: Ledger = {
  frameworkId: undefined,
  total: Number(total),
  launched: new Map(),
  ended: new Map(),
};
let lives = 0;
let refused = false;
while (ledger.ended.size < ledger.total && !refused) {
  lives += 1;
  const status = await new LongLivedFramework(master, ledger, Number(perLife)).run();
  console.log(`Scheduler ${lives} ends after ${ledger.ended.size} of ${total} tasks`);
  refused = status === 'DRIVER_ABORTED';
}
const finished = [...ledger.ended.values()].filter((state) => state === 'TASK_FINISHED');
console.log(`${finished.length} of ${total} tasks finished, under ${lives} schedulers`);
process.exitCode = finished.length === ledger.total ? 0 : 1;
