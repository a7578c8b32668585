import type { AgentId, ExecutorId, FrameworkId, TaskId } from '../../common/ids.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type {
  StatusUpdate,
  TaskState,
  TaskStatus,
  TaskStatusReason,
  TimeInfo,
} from '../../proto/index.ts';
import { compact } from '../state/compact.ts';
import type { TaskRecord } from '../state/task-record.ts';

/** Which task an update is about. */
export interface UpdateSubject {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  readonly agentId: AgentId | undefined;
  readonly executorId?: ExecutorId | undefined;
}

export interface MasterUpdateOptions {
  readonly state: TaskState;
  readonly reason: TaskStatusReason;
  readonly message: string;
  readonly nowMs: Millis;
  readonly unreachableTime?: TimeInfo | undefined;
  /** What was last known of the task: its health, checks and container go along. */
  readonly known?: TaskStatus | undefined;
}

const MS_PER_SECOND = 1_000;

/**
 * An update that the master makes itself. It has no uuid: nobody retries it and nobody acknowledges
 * it; a framework that misses it reconciles.
 */
export function masterUpdate(subject: UpdateSubject, options: MasterUpdateOptions): StatusUpdate {
  const timestamp = options.nowMs / MS_PER_SECOND;
  const { known } = options;
  const slaveId = subject.agentId === undefined ? undefined : { value: subject.agentId };
  const executorId = subject.executorId === undefined ? undefined : { value: subject.executorId };
  return compact({
    framework_id: { value: subject.frameworkId },
    executor_id: executorId,
    slave_id: slaveId,
    status: compact({
      task_id: { value: subject.taskId },
      state: options.state,
      message: options.message,
      source: 'SOURCE_MASTER' as const,
      reason: options.reason,
      slave_id: slaveId,
      executor_id: executorId,
      timestamp,
      healthy: known?.healthy,
      check_status: known?.check_status,
      labels: known?.labels,
      container_status: known?.container_status,
      unreachable_time: options.unreachableTime,
    }),
    timestamp,
  });
}

/** The subject of updates about a task that is known. */
export const subjectOf = (task: TaskRecord): UpdateSubject => ({
  frameworkId: task.frameworkId,
  taskId: task.taskId,
  agentId: task.agentId,
  executorId: task.executorId,
});
