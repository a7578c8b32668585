import { ExecutorProcess } from '../../executor/executor-process.ts';
import { startNode } from '../../libprocess/start-node.ts';
import type { Program, ProgramContext } from '../../libprocess/sim/subprocess/program.ts';
import type { TaskInfo } from '../../proto/index.ts';
import type { Run } from '../task-oracle.ts';

/** The program of the workload's executor. */
export const EXECUTOR = '/bin/batch-executor';

/** How long a task takes to start: faults shall find some of which nothing was heard yet. */
const STARTS_WITHIN_MS = 2_000;

type Begin = (taskId: string) => Run;

/** Runs tasks in its own process; their data is `SECONDS CODE`. */
class BatchExecutor extends ExecutorProcess {
  readonly #begin: Begin;
  readonly #runs = new Map<string, Run>();

  constructor(begin: Begin) {
    super();
    this.#begin = begin;
  }

  protected override launchTask({ task_id, data }: TaskInfo): void {
    const [seconds = 0, code = 0] = new TextDecoder().decode(data).split(' ').map(Number);
    const run = this.#begin(task_id.value);
    this.#runs.set(task_id.value, run);
    this.delay(this.runtime.random.next() * STARTS_WITHIN_MS, () => {
      this.#say(run, 'TASK_STARTING');
    });
    this.delay(STARTS_WITHIN_MS, () => {
      this.#say(run, 'TASK_RUNNING');
    });
    this.delay(STARTS_WITHIN_MS + seconds * 1_000, () => {
      if (run.over) return;
      run.over = true;
      run.exitCode = code;
      this.sendStatusUpdate({ task_id, state: code === 0 ? 'TASK_FINISHED' : 'TASK_FAILED' });
    });
  }

  #say({ taskId, over }: Run, state: 'TASK_STARTING' | 'TASK_RUNNING'): void {
    if (!over) this.sendStatusUpdate({ task_id: { value: taskId }, state });
  }

  protected override killTask(taskId: string): void {
    const run = this.#runs.get(taskId);
    if (!run || run.over) return;
    run.over = true;
    this.sendStatusUpdate({ task_id: { value: taskId }, state: 'TASK_KILLED' });
  }
}

/** `begin` hears of each task that begins, and in which process. */
export function batchExecutorProgram(
  begin: (context: ProgramContext, taskId: string) => Run,
): Program {
  return (context) => {
    const { runtime } = context;
    void startNode({ runtime }).then((node) => {
      const executor = new BatchExecutor((taskId) => begin(context, taskId));
      node.spawn(executor);
      executor.join().onAny(() => {
        context.exit(0);
      });
    });
  };
}
