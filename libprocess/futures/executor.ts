import { defer, dispatch } from '../dispatch.ts';
import type { Future } from '../future.ts';
import type { PID } from '../pid.ts';
import { Process } from '../process.ts';
import type { ProcessManager } from '../process-manager.ts';

/**
 * A place to run functions in, one at a time and in order, for whoever is no process. Once it is
 * disposed what waits, and whatever comes later, never runs, and its futures are abandoned.
 */
export class Executor implements Disposable {
  readonly #node: ProcessManager;
  readonly #pid: PID<Process>;

  constructor(node: ProcessManager) {
    this.#node = node;
    this.#pid = node.spawn(new ExecutorContext(node.generateId('__executor__')));
  }

  /** Runs `work` in a turn of its own. */
  execute<R>(work: () => R): Future<Awaited<R>> {
    return dispatch(this.#pid, work);
  }

  /** A function that runs `work` here, whoever calls it. */
  defer<A extends unknown[], R>(work: (...args: A) => R): (...args: A) => Future<Awaited<R>> {
    return defer(this.#pid, work);
  }

  [Symbol.dispose](): void {
    this.#node.terminate(this.#pid);
  }
}

class ExecutorContext extends Process {}
