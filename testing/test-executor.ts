import { ExecutorProcess } from '../executor/executor-process.ts';
import { startNode } from '../libprocess/start-node.ts';
import type { Program } from '../libprocess/sim/subprocess/program.ts';
import type { TaskInfo } from '../proto/index.ts';

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

export const testExecutorProgram: Program = (context) => {
  const { runtime } = context;
  const ip = runtime.host.environment()['LIBPROCESS_IP'] ?? '127.0.0.1';
  void startNode({ runtime, ip }).then((node) => {
    const executor = new TestExecutor((code) => {
      context.exit(code);
    });
    node.spawn(executor);
    executor.join().onAny(() => {
      context.exit(0);
    });
  });
};
