import { agentId, frameworkId, taskId } from '../../common/ids.ts';
import { isTerminal } from '../../common/task-state.ts';
import { uuidText } from '../../common/uuid-text.ts';
import type { UPID } from '../../libprocess/upid.ts';
import { UPID as Upid } from '../../libprocess/upid.ts';
import {
  StatusUpdateAcknowledgementMessage,
  type StatusUpdate,
  type StatusUpdateMessage,
  type TaskStatusReason,
} from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import type { Agent } from '../state/agent.ts';
import type { Framework } from '../state/framework.ts';
import type { TaskRecord } from '../state/task-record.ts';
import { removeExecutor } from './executors.ts';
import { forwardUpdate, removeTask, updateTask } from './task-lifecycle.ts';

/** An update from an agent: passed on to the scheduler, and taken in. */
export function statusUpdate(ctx: MasterContext, from: UPID, message: StatusUpdateMessage): void {
  const { update } = message;
  const { state, metrics } = ctx;
  metrics.increment('master/messages_status_update');
  const agent = state.agents.registered.get(agentId(update.slave_id?.value ?? ''));
  if (!agent || !isOwn(agent, from, update)) {
    // An agent that we do not know goes on repeating it; it reregisters when its pings stop.
    metrics.increment('master/invalid_status_updates');
    return;
  }
  const framework = state.frameworks.registered.get(frameworkId(update.framework_id.value));
  const acknowledgee = Upid.parse(message.pid ?? '') ?? from;
  forwardUpdate(ctx, framework, update, acknowledgee);
  const id = taskId(update.status.task_id.value);
  const settled = update.uuid !== undefined && agent.settledUpdates.has(uuidText(update.uuid));
  const task = framework && agent.tasks.get(framework.id, id);
  if (!task || settled) {
    metrics.increment('master/invalid_status_updates');
    if (framework && !task && isOfLiving(update)) bringBack(ctx, agent, update);
    return;
  }
  updateTask(ctx, task, update);
  settleExecutor(ctx, { agent, task, update });
  metrics.increment(
    framework.connected ? 'master/valid_status_updates' : 'master/invalid_status_updates',
  );
}

/** Whether the task lives on, whatever this update says of it: it may have been late. */
const isOfLiving = ({ latest_state, status }: StatusUpdate): boolean =>
  !isTerminal(latest_state ?? status.state);

/**
 * The agent runs a task that was given up for lost, as one of a framework without checkpoints that was on
 * its way while the end of a former connection waited for its turn here. It comes with all that it has
 * when its next ping says that we take it for disconnected.
 */
function bringBack(ctx: MasterContext, agent: Agent, { status }: StatusUpdate): void {
  if (agent.askedBack) return;
  agent.askedBack = true;
  ctx.logger.warn('An agent has a task that was given up; it is asked to register again', {
    agent: agent.id,
    taskId: status.task_id.value,
  });
  ctx.setObserved(agent, false);
}

/** Whether the agent that the update names has sent it, and of a task of its own. */
const isOwn = (agent: Agent, from: UPID, { status }: StatusUpdate): boolean =>
  agent.pid.equals(from) && (status.slave_id === undefined || status.slave_id.value === agent.id);

interface Arrival {
  readonly agent: Agent;
  readonly task: TaskRecord;
  readonly update: StatusUpdate;
}

/**
 * An executor that the agent did not name when it reregistered is still charged for, since its
 * launch may have been on its way. An update of a task that the agent did not name either tells: the
 * agent has the executor, or it has dropped the last task that would have started it.
 */
function settleExecutor(ctx: MasterContext, { agent, task, update }: Arrival): void {
  const { frameworkId: framework, executorId: id, taskId: name } = task;
  const named = id !== undefined && agent.unconfirmedExecutors.get(framework, id);
  if (!named) return;
  if (!named.has(name) && !deniesExecutor(update)) {
    agent.unconfirmedExecutors.delete(framework, id);
    return;
  }
  const live = agent.tasks.of(framework).some((one) => one.executorId === id && one.holdsResources);
  if (!live) removeExecutor(ctx, agent, { frameworkId: framework, id });
}

/** With which an agent says that it never had a task, has refused it, or has no executor for it. */
const DENIALS: ReadonlySet<TaskStatusReason | undefined> = new Set([
  'REASON_EXECUTOR_TERMINATED',
  'REASON_INVALID_OFFERS',
  'REASON_RECONCILIATION',
  'REASON_TASK_GROUP_INVALID',
  'REASON_TASK_INVALID',
]);

const deniesExecutor = ({ status: { reason } }: StatusUpdate): boolean => DENIALS.has(reason);

export interface Acknowledgement {
  readonly slave_id: { readonly value: string };
  readonly task_id: { readonly value: string };
  readonly uuid: Uint8Array;
}

/** An acknowledgement from a scheduler: passed on to the agent; a terminal task is over with it. */
export function acknowledge(
  ctx: MasterContext,
  framework: Framework,
  acknowledgement: Acknowledgement,
): void {
  const { metrics, state } = ctx;
  const { slave_id, task_id, uuid } = acknowledgement;
  metrics.increment('master/messages_status_update_acknowledgement');
  const agent = state.agents.registered.get(agentId(slave_id.value));
  if (!agent?.connected) {
    // The agent repeats the update once it is back, and is acknowledged then.
    metrics.increment('master/invalid_status_update_acknowledgements');
    return;
  }
  const task = agent.tasks.get(framework.id, taskId(task_id.value));
  // Of a task that is over it is passed on, whatever there is under its id by now: the agent waits for it.
  if (task && !agent.settledUpdates.has(uuidText(uuid))) {
    if (task.updateState === undefined || task.updateUuid === undefined) {
      metrics.increment('master/invalid_status_update_acknowledgements');
      return;
    }
    if (isTerminal(task.updateState) && equalBytes(task.updateUuid, uuid)) {
      agent.settledUpdates.add(uuidText(uuid));
      removeTask(ctx, task, 'completed');
    }
  }
  ctx.send(agent.pid, StatusUpdateAcknowledgementMessage, {
    slave_id,
    framework_id: { value: framework.id },
    task_id,
    uuid,
  });
  metrics.increment('master/valid_status_update_acknowledgements');
}

const equalBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, index) => byte === right[index]);
