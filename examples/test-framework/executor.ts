import { ExecutorProcess } from '../../executor/index.ts';
import type { TaskInfo } from '../../proto/index.ts';

/** Runs each task in its own process, at once: says that it runs, then that it is done. */
class TestExecutor extends ExecutorProcess {
  protected override launchTask({ task_id, data }: TaskInfo): void {
    this.sendStatusUpdate({ task_id, state: 'TASK_RUNNING' });
    console.log(`Running task ${task_id.value}`);
    // Whatever the scheduler put in comes back with the last update.
    this.sendStatusUpdate({ task_id, state: 'TASK_FINISHED', ...(data && { data }) });
  }
}

await new TestExecutor().run();
