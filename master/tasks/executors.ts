import { executorId, type ExecutorId, type FrameworkId } from '../../common/ids.ts';
import { Resources } from '../../common/resources.ts';
import type { ExecutorInfo } from '../../proto/index.ts';
import type { MasterContext } from '../master-context.ts';
import type { Agent } from '../state/agent.ts';
import type { Framework } from '../state/framework.ts';

/** Enters an executor; false if it is there already. Its resources are charged by the launch. */
export function addExecutor(framework: Framework, agent: Agent, info: ExecutorInfo): boolean {
  const id = executorId(info.executor_id.value);
  if (agent.executors.has(framework.id, id)) return false;
  agent.executors.set(framework.id, id, info);
  framework.executors.set(agent.id, id, info);
  return true;
}

/** Removes an executor and frees its resources; nothing if it is not there. */
export function removeExecutor(
  ctx: MasterContext,
  agent: Agent,
  { frameworkId, id }: { readonly frameworkId: FrameworkId; readonly id: ExecutorId },
): boolean {
  const info = agent.executors.get(frameworkId, id);
  if (!info) return false;
  agent.executors.delete(frameworkId, id);
  agent.unconfirmedExecutors.delete(frameworkId, id);
  ctx.state.frameworks.registered.get(frameworkId)?.executors.delete(agent.id, id);
  ctx.allocator.recoverResources({
    frameworkId,
    agentId: agent.id,
    resources: Resources.fromProtobuf(info.resources),
  });
  return true;
}

/** All executors of one framework on one agent. */
export function removeExecutorsOf(
  ctx: MasterContext,
  agent: Agent,
  frameworkId: FrameworkId,
): void {
  for (const info of agent.executors.of(frameworkId)) {
    removeExecutor(ctx, agent, { frameworkId, id: executorId(info.executor_id.value) });
  }
}
