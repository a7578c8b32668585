import { ExecutorProcess } from '../executor/executor-process.ts';
import type { TaskInfo } from '../proto/index.ts';
import { executorProgram } from './executor-program.ts';

/** The command that runs a `TestExecutor` in a simulated machine. */
export const TEST_EXECUTOR = '/bin/test-executor';

/**
 * A custom executor that runs inside its simulated process. A task's `data` says what becomes of it:
 * `finish:SECONDS`, `fail`, `twice` (to end), `exit` (of the executor), and by default nothing.
 */
export class TestExecutor extends ExecutorProcess {
  readonly #exit: (code: number) => void;

  constructor(exit: (code: number) => void) {
    super();
    this.#exit = exit;
  }

  protected override launchTask(task: TaskInfo): void {
    const { task_id } = task;
    const [verb, argument] = new TextDecoder().decode(task.data).split(':');
    this.sendStatusUpdate({ task_id, state: 'TASK_RUNNING' });
    if (verb === 'fail') this.sendStatusUpdate({ task_id, state: 'TASK_FAILED' });
    if (verb === 'twice') {
      this.sendStatusUpdate({ task_id, state: 'TASK_FINISHED' });
      this.sendStatusUpdate({ task_id, state: 'TASK_FAILED' });
    }
    if (verb === 'exit') this.#exit(3);
    if (verb !== 'finish') return;
    this.delay(Number(argument) * 1_000, () => {
      this.sendStatusUpdate({ task_id, state: 'TASK_FINISHED' });
    });
  }

  protected override killTask(taskId: string): void {
    this.sendStatusUpdate({ task_id: { value: taskId }, state: 'TASK_KILLED' });
  }

  /** Sends back what it hears. */
  protected override frameworkMessage(data: Uint8Array): void {
    this.sendFrameworkMessage(data);
  }
}

export const testExecutorProgram = executorProgram(
  (context) =>
    new TestExecutor((code) => {
      context.exit(code);
    }),
);
