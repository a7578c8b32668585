import { inPreRefinementFormat } from '../../common/resource-format.ts';
import { VERSION } from '../../common/version.ts';
import type {
  ArchiveFramework,
  ExecutorInfo,
  FrameworkInfo,
  ReregisterSlaveMessage,
  Task,
} from '../../proto/index.ts';
import type { AgentModel } from '../model/agent-model.ts';
import type { Framework } from '../model/framework.ts';
import { stagingTask } from '../tasks/staging-task.ts';
import { AGENT_CAPABILITIES } from './capabilities.ts';

/**
 * All that a master needs to take this agent back: every task that it may still hear of, executors
 * other than those of command tasks (the master keeps none of these), and what has completed.
 */
export function reregistration(model: AgentModel): ReregisterSlaveMessage {
  const frameworks: FrameworkInfo[] = [];
  const tasks: Task[] = [];
  const executors: ExecutorInfo[] = [];
  for (const framework of model.frameworks.values()) {
    frameworks.push(framework.info);
    tasks.push(...tasksOf(framework, model.agentId ?? ''));
    for (const executor of framework.executors.values()) {
      if (executor.state === 'terminated' || executor.commandTask) continue;
      executors.push({
        ...inPreRefinementFormat(executor.info),
        framework_id: { value: framework.id },
      });
    }
  }
  return {
    slave: inPreRefinementFormat(model.info),
    executor_infos: executors,
    tasks: tasks.map(inPreRefinementFormat),
    frameworks,
    completed_frameworks: model.completedFrameworks.items().map(archived),
    version: VERSION,
    agent_capabilities: AGENT_CAPABILITIES,
    resource_version_uuid: { value: model.resourceVersion },
  };
}

function* tasksOf(framework: Framework, agentId: string): Generator<Task> {
  for (const executor of framework.executors.values()) {
    for (const task of executor.queuedTasks.values()) {
      yield stagingTask(task, framework.id, agentId);
    }
    yield* executor.activeTasks();
  }
}

function archived(framework: Framework): ArchiveFramework {
  const tasks = framework.completedExecutors
    .items()
    .flatMap((executor) => [
      ...executor.terminatedTasks.values(),
      ...executor.completedTasks.items(),
    ]);
  return {
    framework_info: framework.info,
    tasks: tasks.map(inPreRefinementFormat),
    ...(framework.pid && { pid: framework.pid.toString() }),
  };
}
