import { isTerminal } from '../../common/task-state.ts';
import { NULL_UPID, UPID } from '../../libprocess/index.ts';
import type { ExecutorInfo, StatusUpdateRecord, Task, TaskState } from '../../proto/index.ts';
import type { AgentFlags } from '../flags.ts';
import { Executor } from '../model/executor.ts';
import { Framework } from '../model/framework.ts';
import type {
  RecoveredAgent,
  RecoveredExecutor,
  RecoveredFramework,
  RecoveredRun,
  RecoveredTask,
} from '../state/agent-state.ts';
import { runPath, type FrameworkKey, type RunKey } from '../state/paths.ts';
import { withStatus } from '../tasks/task-state-change.ts';
import type { RecoveredStream } from '../status-updates/status-update-manager-process.ts';

/** An executor that may still run, and what only its checkpoints know. */
export interface RestoredExecutor {
  readonly framework: Framework;
  readonly executor: Executor;
  readonly run: RecoveredRun;
}

/** What a former agent left, in the terms of this one. Pure: the same checkpoints, the same answer. */
export interface RestoredAgent {
  readonly frameworks: readonly Framework[];
  readonly executors: readonly RestoredExecutor[];
  readonly streams: readonly RecoveredStream[];
  /** Over and told: only their files are left. */
  readonly endedRuns: readonly RunKey[];
  readonly endedFrameworks: readonly FrameworkKey[];
}

export function restoreModel(agent: RecoveredAgent, flags: AgentFlags): RestoredAgent {
  const frameworks: Framework[] = [];
  const executors: RestoredExecutor[] = [];
  const streams: RecoveredStream[] = [];
  const endedRuns: RunKey[] = [];
  const endedFrameworks: FrameworkKey[] = [];
  for (const recovered of agent.frameworks) {
    const framework = restoreFramework(recovered, flags);
    const restored = framework ? restoreExecutors(framework, recovered, flags) : [];
    const live = new Set(restored.map(({ run }) => run));
    for (const executor of recovered.executors) {
      endedRuns.push(...executor.runs.filter((run) => !live.has(run)).map(({ key }) => key));
    }
    if (!framework || restored.length === 0) {
      endedFrameworks.push(recovered.key);
      continue;
    }
    frameworks.push(framework);
    executors.push(...restored);
    for (const { run } of restored) streams.push(...run.tasks.filter(hasInfo));
  }
  return { frameworks, executors, streams, endedRuns, endedFrameworks };
}

function hasInfo(task: RecoveredTask): boolean {
  return task.info !== undefined;
}

function restoreFramework(
  { key, info, pid }: RecoveredFramework,
  flags: AgentFlags,
): Framework | undefined {
  if (!info) return undefined;
  const upid = pid === undefined ? undefined : UPID.parse(pid);
  return new Framework({
    id: key.frameworkId,
    info,
    pid: upid && !upid.equals(NULL_UPID) ? upid : undefined,
    checkpoint: true,
    completedExecutorsMax: flags.completedExecutorsPerFrameworkMax,
  });
}

function restoreExecutors(
  framework: Framework,
  recovered: RecoveredFramework,
  flags: AgentFlags,
): RestoredExecutor[] {
  const restored: RestoredExecutor[] = [];
  for (const each of recovered.executors) {
    const run = each.runs.find(({ key }) => key.containerId === each.latestRun);
    const { info } = each;
    if (!info || !run || run.completed) continue;
    const executor = restoreExecutor({ ...each, info }, run, flags);
    framework.executors.set(executor.id, executor);
    restored.push({ framework, executor, run });
  }
  return restored;
}

function restoreExecutor(
  { info, generatedForCommandTask }: RecoveredExecutor & { readonly info: ExecutorInfo },
  run: RecoveredRun,
  flags: AgentFlags,
): Executor {
  const executor = new Executor({
    info,
    key: run.key,
    directory: `${flags.workDirectory}/${runPath(run.key)}`,
    commandTask: generatedForCommandTask,
    checkpoint: true,
    completedTasksMax: flags.completedTasksPerExecutorMax,
  });
  executor.processId = run.forkedPid;
  if (run.libprocessPid !== undefined) {
    executor.awaitedPid = executor.recordedPid = UPID.parse(run.libprocessPid);
  }
  for (const task of run.tasks) restoreTask(executor, task);
  return executor;
}

function restoreTask(executor: Executor, { info, records }: RecoveredTask): void {
  if (!info) return;
  const task = withUpdates(info, records);
  const taskId = task.task_id.value;
  if (!isTerminal(task.state)) executor.launchedTasks.set(taskId, task);
  else if (acknowledgedTerminal(records)) executor.completedTasks.push(task);
  else executor.terminatedTasks.set(taskId, task);
}

function withUpdates(info: Task, records: readonly StatusUpdateRecord[]): Task {
  const statuses = records.flatMap(({ update }) => (update ? [update.status] : []));
  return statuses.reduce(withStatus, info);
}

function acknowledgedTerminal(records: readonly StatusUpdateRecord[]): boolean {
  const terminal = records.find(({ update }) => update && isTerminal(update.status.state));
  const uuid = terminal?.update?.uuid;
  if (!uuid) return false;
  return records.some(
    (record) => record.type === 'ACK' && record.uuid && Buffer.from(record.uuid).equals(uuid),
  );
}

/** The states that a task's stream already has. */
export function reportedStates(task: RecoveredTask): TaskState[] {
  return task.records.flatMap(({ update }) => (update ? [update.status.state] : []));
}
