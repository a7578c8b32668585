import { UPID } from '../../libprocess/index.ts';
import {
  ExecutorToFrameworkMessage,
  FrameworkToExecutorMessage,
  type UpdateFrameworkMessage,
} from '../../proto/index.ts';
import type { AgentContext } from '../agent-context.ts';
import { updateFramework } from '../state/checkpoint.ts';

/** Passes messages between schedulers and their executors, and notes where schedulers are. */
export class FrameworkMessages {
  readonly #context: AgentContext;

  constructor(context: AgentContext) {
    this.#context = context;
  }

  /** Only from its scheduler, directly or by way of the master. */
  toExecutor(from: UPID, message: FrameworkToExecutorMessage): void {
    const { model, actor, metrics } = this.#context;
    const framework = model.frameworks.get(message.framework_id.value);
    const executor = framework?.executors.get(message.executor_id.value);
    const known = model.master?.equals(from) === true || framework?.pid?.equals(from) === true;
    if (!known || model.state === 'recovering' || executor?.state !== 'running' || !executor.pid) {
      metrics.invalidFrameworkMessages.increment();
      return;
    }
    metrics.validFrameworkMessages.increment();
    actor.send(executor.pid, FrameworkToExecutorMessage, message);
  }

  /** From its executor; directly to a scheduler that has an address, else by way of the master. */
  toFramework(from: UPID, message: ExecutorToFrameworkMessage): void {
    const { model, actor, metrics } = this.#context;
    const framework = model.frameworks.get(message.framework_id.value);
    const executor = framework?.executors.get(message.executor_id.value);
    const known = executor?.pid?.equals(from) === true;
    const to = framework?.pid ?? model.master;
    if (!known || model.state !== 'running' || !framework || framework.terminating || !to) {
      metrics.invalidFrameworkMessages.increment();
      return;
    }
    metrics.validFrameworkMessages.increment();
    actor.send(to, ExecutorToFrameworkMessage, message);
  }

  /** A scheduler failed over or changed its FrameworkInfo: what it has not seen goes out at once. */
  updated(from: UPID, message: UpdateFrameworkMessage): void {
    const { model, meta, updates } = this.#context;
    const id = message.framework_id.value;
    const framework = model.frameworks.get(id);
    if (!model.master?.equals(from) || framework?.terminating === true) return;
    if (model.state !== 'running' && model.state !== 'disconnected') return;
    if (!framework) {
      if (model.strayTasks.has(id)) updates.resend(id);
      return;
    }
    framework.pid = message.pid === undefined ? undefined : UPID.parse(message.pid);
    if (message.framework_info) framework.info = message.framework_info;
    if (framework.checkpoint) {
      updateFramework(
        meta,
        { agentId: model.agentId ?? '', frameworkId: framework.id },
        {
          pid: message.pid ?? '@0.0.0.0:0',
          ...(message.framework_info && { info: message.framework_info }),
        },
      );
    }
    updates.resend(framework.id);
  }
}
