import type { MasterContext } from '../master-context.ts';
import {
  FrameworkInfoDefaults,
  ShutdownFrameworkMessage,
  type FrameworkInfo,
} from '../../proto/index.ts';
import type { UPID } from '../../libprocess/upid.ts';
import { frameworkId as asFrameworkId } from '../../common/ids.ts';
import type { Millis } from '../../libprocess/clock.ts';
import { recoverOffer } from '../offers/offer-lifecycle.ts';
import { Framework, type FrameworkState } from '../state/framework.ts';
import type { TaskRecord } from '../state/task-record.ts';
import { removeExecutorsOf } from '../tasks/executors.ts';
import { masterUpdate, subjectOf } from '../tasks/master-update.ts';
import { removeTask, updateTask } from '../tasks/task-lifecycle.ts';
import { allocatorFramework } from './allocator-framework.ts';

const MS_PER_SECOND = 1_000;

/** Longest timer that is set; a longer failover timeout is as good as none. */
const FAILOVER_TIMER_MS_MAX = 365 * 24 * 60 * 60 * 1_000;

export interface NewFramework {
  /** With its id. */
  readonly info: FrameworkInfo;
  readonly id: string;
  readonly pid: UPID | undefined;
  readonly state: FrameworkState;
  readonly suppressedRoles?: readonly string[];
}

/** Enters a framework. */
export function addFramework(ctx: MasterContext, given: NewFramework): Framework {
  const { flags } = ctx;
  const framework = new Framework({
    id: asFrameworkId(given.id),
    info: given.info,
    pid: given.pid,
    state: given.state,
    registeredAtMs: ctx.now(),
    limits: {
      completedTasksMax: flags.maxCompletedTasksPerFramework,
      unreachableTasksMax: flags.maxUnreachableTasksPerFramework,
    },
  });
  framework.suppressedRoles = given.suppressedRoles ?? [];
  ctx.state.frameworks.registered.set(framework.id, framework);
  ctx.allocator.addFramework(allocatorFramework(framework));
  if (framework.connected && framework.pid) ctx.link(framework.pid);
  return framework;
}

/** Ends all of its offers. */
export function endOffers(
  ctx: MasterContext,
  framework: Framework,
  { rescind }: { readonly rescind: boolean },
): void {
  for (const offer of [...framework.offers]) recoverOffer(ctx, offer, { rescind });
}

/** Its scheduler is connected but wants no offers (`abort`), until it subscribes again. */
export function deactivateFramework(ctx: MasterContext, framework: Framework): void {
  if (!framework.active) return;
  framework.state = 'inactive';
  ctx.allocator.deactivateFramework(framework.id);
  endOffers(ctx, framework, { rescind: true });
}

/**
 * The connection to its scheduler was lost. It has until its failover timeout to come back; its
 * tasks run on meanwhile.
 */
export function disconnectFramework(ctx: MasterContext, framework: Framework): void {
  if (!framework.connected) return;
  if (framework.active) ctx.allocator.deactivateFramework(framework.id);
  framework.state = 'disconnected';
  endOffers(ctx, framework, { rescind: false });
  const timeoutMs =
    (framework.info.failover_timeout ?? FrameworkInfoDefaults.failover_timeout) * MS_PER_SECOND;
  ctx.logger.info('Framework disconnected', { framework: framework.id, timeoutMs });
  startFailoverTimer(ctx, framework, timeoutMs);
}

/** Removes the framework if it is not back in time. */
export function startFailoverTimer(
  ctx: MasterContext,
  framework: Framework,
  timeoutMs: Millis,
): void {
  framework.failoverTimer?.[Symbol.dispose]();
  const { subscriptions } = framework;
  framework.failoverTimer = ctx.delay(Math.min(timeoutMs, FAILOVER_TIMER_MS_MAX), () => {
    if (framework.connected || framework.subscriptions !== subscriptions) return;
    ctx.logger.info('Framework failed to come back in time', { framework: framework.id });
    removeFramework(ctx, framework);
  });
}

/** It is connected again: the timer that would remove it has nothing to do. */
export function stopFailoverTimer(framework: Framework): void {
  framework.subscriptions += 1;
  framework.failoverTimer?.[Symbol.dispose]();
  framework.failoverTimer = undefined;
}

/**
 * Ends a framework for good: agents shut down what they run of it, its resources are free at once,
 * its id is refused from now on.
 */
export function removeFramework(ctx: MasterContext, framework: Framework): void {
  const { agents, frameworks } = ctx.state;
  if (frameworks.registered.get(framework.id) !== framework) return;
  stopFailoverTimer(framework);
  if (framework.active) ctx.allocator.deactivateFramework(framework.id);
  framework.state = 'disconnected';
  framework.unregisteredAtMs = ctx.now();
  const shutdown = { framework_id: { value: framework.id } };
  for (const agent of agents.registered.values()) {
    ctx.send(agent.pid, ShutdownFrameworkMessage, shutdown);
  }
  endOffers(ctx, framework, { rescind: false });
  for (const agent of agents.registered.values()) {
    for (const task of [...agent.tasks.of(framework.id)]) completeTask(ctx, framework, task);
  }
  for (const task of framework.unreachableTasks.values()) framework.completedTasks.push(task);
  for (const id of [...framework.unreachableTasks.keys()]) framework.unreachableTasks.delete(id);
  for (const id of framework.executors.firstKeys()) {
    const agent = agents.registered.get(id);
    if (agent) removeExecutorsOf(ctx, agent, framework.id);
  }
  frameworks.registered.delete(framework.id);
  frameworks.completed.set(framework.id, framework);
  ctx.allocator.removeFramework(framework.id);
  ctx.logger.info('Framework removed', { framework: framework.id });
}

/** The end of the framework is the end of the task; nobody is left to be told. */
function completeTask(ctx: MasterContext, framework: Framework, task: TaskRecord): void {
  const update = masterUpdate(subjectOf(task), {
    state: 'TASK_KILLED',
    reason: 'REASON_FRAMEWORK_REMOVED',
    message: `Framework ${framework.id} removed`,
    nowMs: ctx.now(),
  });
  updateTask(ctx, task, update);
  removeTask(ctx, task, 'completed');
}
