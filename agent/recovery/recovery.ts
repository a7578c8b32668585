import { UPID, type ProcessManager } from '../../libprocess/index.ts';
import type { AgentContext } from '../agent-context.ts';
import type { AgentParts } from '../agent-parts.ts';
import { containerEnd } from '../containerizer/containerizer.ts';
import type { RecoveredRun } from '../containerizer/launcher/launcher.ts';
import type { AgentState } from '../state/agent-state.ts';
import type { Executor } from '../model/executor.ts';
import type { Framework } from '../model/framework.ts';
import { findSandboxes, type Sandboxes } from './left-sandboxes.ts';
import { sandboxAge } from './sandbox-age.ts';
import { reportedStates, restoreModel, type RestoredExecutor } from './restore-model.ts';

/**
 * Takes over what a former agent left: its id, frameworks, executors, tasks and unacknowledged
 * updates. Executors that run are asked to come back, the ends of others are told. Over as soon as
 * all have answered; those that have not by `executor_reregistration_timeout` are destroyed.
 */
export class Recovery {
  readonly #context: AgentContext;
  readonly #parts: AgentParts;
  readonly #onRecovered: () => void;
  #waiting = false;
  /** All that have not answered are among them. */
  #awaited: Executor[] = [];
  /** The files of runs are gone with the boot that they were of: that there are none says nothing. */
  #rebooted = false;
  #deadline: Disposable | undefined;

  constructor(context: AgentContext, parts: AgentParts, onRecovered: () => void) {
    this.#context = context;
    this.#parts = parts;
    this.#onRecovered = onRecovered;
  }

  start(node: ProcessManager, state: AgentState | undefined): void {
    const { model, flags, updates, gc, logger, metrics, runtime } = this.#context;
    const agent = state?.agent;
    metrics.recoveryErrors.increment(state?.errors.length ?? 0);
    if (!agent?.info) {
      updates.start(node, []);
      this.#endOrphans([], this.#onRecovered);
      return;
    }
    const former = state?.bootId;
    this.#rebooted = former !== undefined && former !== runtime.host.bootId;
    const restored = restoreModel(agent, flags);
    model.info = { ...model.info, id: { value: agent.key.agentId } };
    for (const framework of restored.frameworks) model.frameworks.set(framework.id, framework);
    updates.start(node, restored.streams);
    for (const key of restored.endedRuns)
      sandboxAge(this.#context, key, (at) => gc.recovered(key, at));
    for (const key of restored.endedFrameworks) gc.frameworkEnded(key);
    logger.info('Recovering', {
      agentId: agent.key.agentId,
      executors: restored.executors.length,
      errors: state?.errors.length ?? 0,
    });
    this.#endOrphans(restored.executors, () => {
      this.#takeOver(restored.executors);
    });
  }

  /** Ends are told from the next turn on: by then all is there to which they belong. */
  #takeOver(executors: readonly RestoredExecutor[]): void {
    const { containerizer, actor } = this.#context;
    containerizer.recover(executors.map(({ executor }) => executor)).onAny(
      actor.defer((done) => {
        if (done.isReady) this.#reattach(executors, done.value);
        else actor.stop(`Failed to recover the containers: ${String(done.error)}`);
      }),
    );
  }

  /** Those that no checkpoint tells of would stay for ever. */
  #collectSandboxes({ model, runtime, flags, actor, gc }: AgentContext): void {
    const agent = { agentId: model.agentId ?? '' };
    const found = actor.defer(({ frameworks, runs }: Sandboxes) => {
      const live = new Set([...model.executors()].map(({ containerId }) => containerId));
      for (const key of runs.filter(({ containerId }) => !live.has(containerId)))
        sandboxAge(this.#context, key, (at) => gc.recovered(key, at));
      for (const key of frameworks.filter(({ frameworkId }) => !model.frameworks.has(frameworkId)))
        gc.frameworkEnded(key);
    });
    void findSandboxes(runtime.disk, flags.workDirectory, agent).then(found);
  }

  /** What runs here and is nobody's would hold resources that the agent is about to offer. */
  #endOrphans(executors: readonly RestoredExecutor[], next: () => void): void {
    const { containerizer, actor, logger } = this.#context;
    const known = new Set(executors.map(({ executor }) => executor.containerId));
    containerizer.destroyOrphans(known).onAny(
      actor.defer((done) => {
        if (!done.isReady) logger.warn('Failed to look for orphans', { error: done.error });
        else if (done.value > 0) logger.warn('Ended orphaned containers', { count: done.value });
        next();
      }),
    );
  }

  #reattach(executors: readonly RestoredExecutor[], runs: ReadonlyMap<string, RecoveredRun>): void {
    for (const restored of executors) {
      const run = runs.get(restored.executor.containerId) ?? { kind: 'never-started' as const };
      if (restored.executor.commandTask) this.#reattachCommandTask(restored, run);
      else this.#reattachCustom(restored, run);
    }
    const { actor, flags, model } = this.#context;
    this.#waiting = true;
    this.#awaited = [...model.executors()];
    this.#deadline = actor.delay(flags.executorReregistrationTimeoutMs, () => {
      this.#giveUp();
    });
    this.executorAnswered();
  }

  #reattachCustom(
    { framework, executor, run: { libprocessPid } }: RestoredExecutor,
    run: RecoveredRun,
  ): void {
    if (run.kind !== 'running') {
      this.#ended(framework, executor, run);
      return;
    }
    const pid = libprocessPid === undefined ? undefined : UPID.parse(libprocessPid);
    // Without one it never registered, and will find out by itself that it may not.
    if (pid) this.#parts.executors.reconnect(pid);
  }

  #reattachCommandTask({ framework, executor, run }: RestoredExecutor, became: RecoveredRun): void {
    const { containerizer } = this.#context;
    const [task] = run.tasks;
    const over = executor.launchedTasks.size === 0;
    if (over || !task?.info || became.kind === 'never-started') {
      this.#ended(framework, executor, became);
      return;
    }
    const upid = containerizer.startCommandExecutor(
      { framework, executor, user: undefined },
      { run: became, task: task.info, record: run.commandTask, reported: reportedStates(task) },
    );
    this.#parts.executors.reconnect(upid);
  }

  #ended(framework: Framework, executor: Executor, run: RecoveredRun): void {
    if (run.kind === 'running') {
      // It waits for nothing but its end: its task has ended, or was never handed over.
      this.#context.containerizer.destroy(executor.containerId);
      return;
    }
    if (run.kind === 'ended' || this.#rebooted || wasStarted(executor)) {
      const end = run.kind === 'ended' ? run.end : ({ kind: 'lost' } as const);
      this.#parts.exit.ended(framework, executor, containerEnd(end));
    } else {
      executor.pendingTermination = {
        state: framework.partitionAware ? 'TASK_DROPPED' : 'TASK_LOST',
        reason: 'REASON_SLAVE_RESTARTED',
        message: 'Task launched during agent restart',
      };
      const end = { launched: false, waitStatus: -1, message: 'Never started' };
      this.#parts.exit.ended(framework, executor, end);
    }
  }

  /** An executor has come back or ended: recovery is over once none is awaited. */
  executorAnswered(): void {
    if (!this.#waiting) return;
    const awaited = this.#awaited;
    for (let last = awaited.at(-1); last; last = awaited.at(-1)) {
      if (this.#isAwaited(last)) return;
      awaited.pop(); // Never again: to look at all for each answer would take the square of them.
    }
    this.#finish();
  }

  #isAwaited(executor: Executor): boolean {
    const { frameworkId, executorId } = executor.key;
    const known = this.#context.model.executor(frameworkId, executorId);
    return known === executor && executor.state === 'registering';
  }

  #giveUp(): void {
    const { model, logger } = this.#context;
    for (const framework of model.frameworks.values()) {
      for (const executor of framework.executors.values()) {
        if (executor.state !== 'registering') continue;
        logger.warn('An executor did not come back', { executorId: executor.id });
        this.#parts.shutdown.destroy(executor, {
          state: framework.partitionAware ? 'TASK_GONE' : 'TASK_LOST',
          reason: 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT',
          message: 'Executor did not reregister in time',
        });
      }
    }
    this.#finish();
  }

  #finish(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#deadline?.[Symbol.dispose]();
    this.#context.logger.info('Recovered');
    this.#onRecovered();
    this.#collectSandboxes(this.#context); // Last: nobody waits for that.
  }
}

/** Whether its checkpoints say that there was a process, or that a task was heard of. */
function wasStarted(executor: Executor): boolean {
  if (executor.processId !== undefined) return true;
  return [...executor.activeTasks()].some(({ state }) => state !== 'TASK_STAGING');
}
