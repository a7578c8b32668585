import { agentId, executorId, frameworkId } from '../../common/ids.ts';
import {
  ExitedExecutorMessage,
  ExecutorToFrameworkMessage,
  FrameworkToExecutorMessage,
  ShutdownExecutorMessage,
  type scheduler,
} from '../../proto/index.ts';
import type { UPID } from '../../libprocess/upid.ts';
import type { MasterContext } from '../master-context.ts';
import type { Framework } from '../state/framework.ts';
import { removeExecutor } from './executors.ts';

/** A message from a scheduler to one of its executors. Best effort, as all of these. */
export function messageToExecutor(
  ctx: MasterContext,
  framework: Framework,
  message: scheduler.CallMessage,
): void {
  ctx.metrics.increment('master/messages_framework_to_executor');
  const agent = ctx.state.agents.registered.get(agentId(message.slave_id.value));
  if (!agent?.connected) {
    ctx.metrics.increment('master/invalid_framework_to_executor_messages');
    return;
  }
  ctx.send(agent.pid, FrameworkToExecutorMessage, {
    slave_id: message.slave_id,
    framework_id: { value: framework.id },
    executor_id: message.executor_id,
    data: message.data,
  });
  ctx.metrics.increment('master/valid_framework_to_executor_messages');
}

/** A message from an executor to its scheduler. */
export function messageToFramework(
  ctx: MasterContext,
  from: UPID,
  message: ExecutorToFrameworkMessage,
): void {
  const { metrics, state } = ctx;
  metrics.increment('master/messages_executor_to_framework');
  const agent = state.agents.registered.get(agentId(message.slave_id.value));
  const framework = state.frameworks.registered.get(frameworkId(message.framework_id.value));
  if (!agent?.pid.equals(from) || !framework?.connected || !framework.pid) {
    metrics.increment('master/invalid_executor_to_framework_messages');
    return;
  }
  metrics.sent(framework, 'message');
  ctx.send(framework.pid, ExecutorToFrameworkMessage, message);
  metrics.increment('master/valid_executor_to_framework_messages');
}

/** A scheduler wants one of its executors gone. */
export function shutdownExecutor(
  ctx: MasterContext,
  framework: Framework,
  { slave_id, executor_id }: scheduler.CallShutdown,
): void {
  const agent = ctx.state.agents.registered.get(agentId(slave_id.value));
  if (!agent?.connected) return;
  ctx.send(agent.pid, ShutdownExecutorMessage, {
    executor_id,
    framework_id: { value: framework.id },
  });
}

/** An agent tells that an executor has ended; its tasks are told of by their own updates. */
export function executorExited(
  ctx: MasterContext,
  from: UPID,
  message: ExitedExecutorMessage,
): void {
  const { metrics, state } = ctx;
  metrics.increment('master/messages_exited_executor');
  const agent = state.agents.registered.get(agentId(message.slave_id.value));
  if (!agent?.pid.equals(from)) return;
  const framework = frameworkId(message.framework_id.value);
  const id = executorId(message.executor_id.value);
  removeExecutor(ctx, agent, { frameworkId: framework, id });
  const owner = state.frameworks.registered.get(framework);
  if (!owner?.connected || !owner.pid) return;
  metrics.sent(owner, 'failure');
  ctx.send(owner.pid, ExitedExecutorMessage, message);
}
