// Shell commands as tasks, no executor needed:
// node dist/examples/no-executor.js [HOST:PORT] [COMMAND ...]
import { isTerminal } from '../common/task-state.ts';
import type { Offer, TaskInfo, TaskStatus } from '../proto/index.ts';
import { Resources, SchedulerProcess } from '../scheduler-driver/index.ts';

const NEEDED = Resources.from('cpus:0.1;mem:32');

class NoExecutorFramework extends SchedulerProcess {
  readonly #waiting: string[];
  #unended: number;
  readonly states = new Map<string, string>();

  constructor(master: string, commands: readonly string[]) {
    super({ master, framework: { user: '', name: 'no-executor framework' } });
    this.#waiting = [...commands];
    this.#unended = commands.length;
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    for (const { id, slave_id, resources } of offers) {
      const tasks: TaskInfo[] = [];
      let left = Resources.fromProtobuf(resources);
      while (this.#waiting.length > 0 && left.contains(NEEDED)) {
        const command = this.#waiting.shift() ?? '';
        left = left.minus(NEEDED);
        tasks.push({
          name: command,
          task_id: { value: `task-${this.#waiting.length}` },
          slave_id,
          command: { value: command },
          resources: NEEDED.toProtobuf(),
        });
      }
      this.launchTasks(id.value, tasks);
    }
  }

  protected override statusUpdate({ task_id, state, message }: TaskStatus): void {
    console.log(`${task_id.value} ${state} ${message ?? ''}`.trimEnd());
    this.states.set(task_id.value, state);
    if (!isTerminal(state)) return;
    this.#unended -= 1;
    if (this.#unended === 0) this.stop();
  }

  protected override error(message: string): void {
    console.error(message);
  }
}

const [, , master = '127.0.0.1:5050', ...given] = process.argv;
const commands = given.length > 0 ? given : ['echo hello', 'sleep 0.2', 'test -d /'];
const framework = new NoExecutorFramework(master, commands);
await framework.run();
const finished = [...framework.states.values()].filter((state) => state === 'TASK_FINISHED');
console.log(`${finished.length} of ${commands.length} tasks finished`);
process.exitCode = finished.length === commands.length ? 0 : 1;
