import { isTerminal } from '../../common/task-state.ts';
import type { UPID } from '../../libprocess/index.ts';
import {
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  type ContainerStatus,
  type StatusUpdate,
} from '../../proto/index.ts';
import type { AgentContext } from '../agent-context.ts';
import type { Executor } from '../model/executor.ts';
import type { Framework } from '../model/framework.ts';
import { applyStatus, isEndAcknowledged, isRepeated, noteForwarded } from './task-state-change.ts';
import type { UpdateSink } from './update-sink.ts';

export interface StatusUpdateHandlerOptions {
  /** An executor broke the rules. */
  readonly onMisbehaved: (framework: Framework, executor: Executor) => void;
  /** The terminal update of a task was acknowledged: its id is free. */
  readonly onTaskSettled: (framework: Framework, taskId: string) => void;
  /** A terminal update was acknowledged, or an executor may have nothing left to tell. */
  readonly onSettled: (framework: Framework, executor: Executor | undefined) => void;
}

/**
 * The way of a status update through the agent: from an executor or the agent itself, into its
 * stream (durable), acknowledged to the executor, forwarded to the master, acknowledged by the
 * scheduler (`slave.cpp`, `statusUpdate` and what follows it).
 */
export class StatusUpdateHandler implements UpdateSink {
  readonly #context: AgentContext;
  readonly #options: StatusUpdateHandlerOptions;
  /** Who waits for an update to be recorded, by its UUID. */
  readonly #senders = new Map<string, UPID>();

  constructor(context: AgentContext, options: StatusUpdateHandlerOptions) {
    this.#context = context;
    this.#options = options;
  }

  fromAgent(update: StatusUpdate): void {
    this.#handle(update, undefined);
  }

  fromExecutor(update: StatusUpdate, pid: UPID): void {
    this.#handle(update, pid);
  }

  #handle(received: StatusUpdate, pid: UPID | undefined): void {
    const { model, metrics } = this.#context;
    const framework = model.frameworks.get(received.framework_id.value);
    const invalid = this.#invalid(received) ?? unheard(framework, received, pid);
    if (invalid !== undefined || !framework) {
      metrics.invalidStatusUpdates.increment();
      this.#ignored(received, invalid ?? '');
      return;
    }
    metrics.validStatusUpdates.increment();
    const update = stamped(received, pid === undefined);
    const taskId = update.status.task_id.value;
    const executor = framework.executorOf(taskId);
    if (!executor) {
      this.#handleWithoutTask(update, { framework, pid });
      return;
    }
    if (pid && update.status.state === 'TASK_STAGING') {
      this.#ignored(update, 'executors may not send TASK_STAGING; shutting the executor down');
      this.#options.onMisbehaved(framework, executor);
      return;
    }
    this.#apply(update, { pid, executor });
  }

  /**
   * Made by the agent for a task that no executor has; or sent for one that is over and told, or that
   * there never was: another update of it would only follow its last.
   */
  #handleWithoutTask(
    update: StatusUpdate,
    { framework, pid }: { readonly framework: Framework; readonly pid: UPID | undefined },
  ): void {
    if (!pid) {
      framework.untoldTasks.add(update.status.task_id.value);
      this.#record(update, { pid, executor: undefined });
      return;
    }
    this.#ignored(update, 'its executor has no such task');
    this.#acknowledge(update, pid);
  }

  #apply(
    update: StatusUpdate,
    { pid, executor }: { readonly pid: UPID | undefined; readonly executor: Executor },
  ): void {
    const taskId = update.status.task_id.value;
    if (isRepeated(executor, update.status)) {
      // It changes nothing, but must not be acknowledged before the first one is durable.
      this.#record(update, { pid, executor });
      return;
    }
    const reached = executor.launchedTasks.has(taskId);
    const full = reached && pid ? this.#withContainerStatus(update, executor) : update;
    const refused = applyStatus(executor, full.status, this.#context.model.agentId ?? '');
    if (refused !== undefined) {
      this.#ignored(full, refused);
      if (pid) this.#acknowledge(full, pid);
      return;
    }
    if (isTerminal(full.status.state)) this.#context.metrics.taskEnded(full.status.state);
    this.#record(full, { pid, executor });
  }

  #invalid({ uuid, slave_id, status }: StatusUpdate): string | undefined {
    const { agentId } = this.#context.model;
    if (uuid?.length !== 16) return 'it has no UUID';
    if (slave_id?.value !== agentId) return 'it names another agent';
    if (status.slave_id?.value !== agentId) return 'its status names another agent';
    return undefined;
  }

  #ignored(update: StatusUpdate, why: string): void {
    this.#context.logger.warn('Ignored a status update', {
      taskId: update.status.task_id.value,
      frameworkId: update.framework_id.value,
      state: update.status.state,
      why,
    });
  }

  #withContainerStatus(update: StatusUpdate, executor: Executor): StatusUpdate {
    const given = update.status.container_status;
    const container: ContainerStatus = {
      ...given,
      network_infos: given?.network_infos ?? [
        { ip_addresses: [{ ip_address: this.#context.actor.self.ip }] },
      ],
      container_id: given?.container_id ?? { value: executor.containerId },
      ...(executor.processId !== undefined && { executor_pid: executor.processId }),
    };
    return { ...update, status: { ...update.status, container_status: container } };
  }

  #record(
    update: StatusUpdate,
    { pid, executor }: { readonly pid: UPID | undefined; readonly executor: Executor | undefined },
  ): void {
    if (pid) this.#senders.set(uuidKey(update), pid);
    const taskId = update.status.task_id.value;
    const recorded = executor?.checkpoint === true && !executor.unrecordedTasks.has(taskId);
    const key = recorded ? { ...executor.key, taskId } : undefined;
    this.#context.updates.update(update, key);
  }

  /** The update is safe here: whoever sent it may forget it. */
  accepted(update: StatusUpdate): void {
    const key = uuidKey(update);
    const pid = this.#senders.get(key);
    this.#senders.delete(key);
    if (pid) this.#acknowledge(update, pid);
  }

  #acknowledge(update: StatusUpdate, pid: UPID): void {
    const { model, actor } = this.#context;
    actor.send(pid, StatusUpdateAcknowledgementMessage, {
      slave_id: { value: model.agentId ?? '' },
      framework_id: update.framework_id,
      task_id: update.status.task_id,
      uuid: update.uuid ?? new Uint8Array(0),
    });
  }

  /** The head of a stream is due: to the master, with the newest state that is known. */
  forward(update: StatusUpdate): void {
    const { model, actor } = this.#context;
    if (model.state !== 'running' || !model.master) return;
    const framework = model.frameworks.get(update.framework_id.value);
    const executor = framework?.executorOf(update.status.task_id.value);
    const task = executor && noteForwarded(executor, update.status);
    actor.send(model.master, StatusUpdateMessage, {
      update: task ? { ...update, latest_state: task.state } : update,
      pid: actor.self.toString(),
    });
  }

  /** A scheduler's acknowledgement, by way of the master. */
  acknowledged(from: UPID, message: StatusUpdateAcknowledgementMessage): void {
    const { model, updates } = this.#context;
    if (model.state !== 'running' || !model.master?.equals(from)) return;
    this.#noteSettling(message);
    updates.acknowledgement({
      frameworkId: message.framework_id.value,
      taskId: message.task_id.value,
      uuid: message.uuid,
    });
  }

  /**
   * The next master must not hear of a task whose end was acknowledged through the last: once that is
   * durable nobody would tell the end to it, and it would wait for that for ever.
   */
  #noteSettling({ framework_id, task_id, uuid }: StatusUpdateAcknowledgementMessage): void {
    const framework = this.#context.model.frameworks.get(framework_id.value);
    const executor = framework?.executorOf(task_id.value);
    const task = executor?.terminatedTasks.get(task_id.value);
    if (task && isEndAcknowledged(task, uuid)) executor?.settlingTasks.add(task_id.value);
  }

  /** That acknowledgement is durable. `ended`: the update was terminal, its stream is over. */
  settled({ framework_id, status: { task_id } }: StatusUpdate, ended: boolean): void {
    if (!ended) return;
    const { model } = this.#context;
    const framework = model.frameworks.get(framework_id.value);
    if (!framework) {
      model.forgetStray(framework_id.value, task_id.value);
      return;
    }
    framework.untoldTasks.delete(task_id.value);
    const executor = framework.executorOf(task_id.value);
    executor?.unrecordedTasks.delete(task_id.value);
    const task = executor?.terminatedTasks.get(task_id.value);
    if (executor && task) {
      executor.terminatedTasks.delete(task_id.value);
      executor.settlingTasks.delete(task_id.value);
      executor.completedTasks.push(task);
    }
    this.#options.onTaskSettled(framework, task_id.value);
    this.#options.onSettled(framework, executor);
  }
}

/** Why nothing is to be heard of an update; undefined if it comes from whom it must. */
function unheard(
  framework: Framework | undefined,
  { status }: StatusUpdate,
  pid: UPID | undefined,
): string | undefined {
  if (!framework) return 'unknown framework';
  if (framework.terminating) return 'its framework ends';
  if (!pid) return undefined;
  // One that has not come back yet sends it again when it does.
  const executor = framework.executorOf(status.task_id.value) ?? framework.executorAt(pid);
  return executor?.pid?.equals(pid) === true ? undefined : 'it comes from another process';
}

/** Source and ids by who really sent it: an executor cannot speak for the agent. */
function stamped(update: StatusUpdate, byAgent: boolean): StatusUpdate {
  return {
    ...update,
    status: {
      ...update.status,
      ...(update.uuid && { uuid: update.uuid }),
      source: byAgent ? 'SOURCE_SLAVE' : 'SOURCE_EXECUTOR',
      ...(update.executor_id && { executor_id: update.executor_id }),
    },
  };
}

function uuidKey({ uuid }: StatusUpdate): string {
  return Buffer.from(uuid ?? []).toString('hex');
}
