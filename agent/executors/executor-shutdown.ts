import type { UPID } from '../../libprocess/index.ts';
import { ShutdownExecutorMessage } from '../../proto/index.ts';
import type { AgentContext } from '../agent-context.ts';
import type { Executor, PendingTermination } from '../model/executor.ts';
import type { Framework } from '../model/framework.ts';
import { shutdownGracePeriodMs } from './shutdown-grace-period.ts';

/** Ends executors: politely, with a grace period, or at once. Their end is told like any other. */
export class ExecutorShutdown {
  readonly #context: AgentContext;

  constructor(context: AgentContext) {
    this.#context = context;
  }

  /** Asks it to shut down, and destroys what is left of it after its grace period. */
  shutdown(executor: Executor): void {
    if (executor.state === 'terminating' || executor.state === 'terminated') return;
    const { actor, containerizer, flags } = this.#context;
    executor.state = 'terminating';
    if (executor.pid) actor.send(executor.pid, ShutdownExecutorMessage, {});
    actor.delay(shutdownGracePeriodMs(executor.info, flags), () => {
      if (executor.state === 'terminating') containerizer.destroyExecutor(executor);
    });
  }

  /** Ends it now, and tells its tasks why. */
  destroy(executor: Executor, why: PendingTermination): void {
    if (executor.state === 'terminated') return;
    executor.state = 'terminating';
    executor.pendingTermination = why;
    this.#context.containerizer.destroyExecutor(executor);
  }

  /** All executors of a framework that is over. */
  shutdownFramework(framework: Framework): void {
    framework.terminating = true;
    framework.untoldTasks.clear();
    for (const executor of framework.executors.values()) this.shutdown(executor);
  }

  /** A scheduler asked for it, by way of the master. */
  requested(from: UPID, executor: Executor): void {
    if (this.#context.model.master?.equals(from)) this.shutdown(executor);
  }
}
