import type { Runtime } from '../../libprocess/index.ts';
import type { StatusUpdate, TaskState, TaskStatusReason } from '../../proto/index.ts';

export interface AgentUpdateOptions {
  readonly frameworkId: string;
  readonly agentId: string;
  readonly taskId: string;
  readonly executorId?: string;
  readonly state: TaskState;
  readonly reason: TaskStatusReason;
  readonly message: string;
}

/** A status update that the agent itself makes; it is retried until acknowledged like any other. */
export function agentUpdate(runtime: Runtime, options: AgentUpdateOptions): StatusUpdate {
  const timestamp = runtime.clock.now() / 1_000;
  const uuid = runtime.random.bytes(16);
  const executorId = options.executorId === undefined ? {} : executorOf(options.executorId);
  return {
    framework_id: { value: options.frameworkId },
    ...executorId,
    slave_id: { value: options.agentId },
    status: {
      task_id: { value: options.taskId },
      state: options.state,
      message: options.message,
      source: 'SOURCE_SLAVE',
      reason: options.reason,
      slave_id: { value: options.agentId },
      ...executorId,
      timestamp,
      uuid,
    },
    timestamp,
    uuid,
  };
}

const executorOf = (value: string): { executor_id: { value: string } } => ({
  executor_id: { value },
});
