import { inPreRefinementFormat } from '../../common/resource-format.ts';
import { ExecutorInfo, FrameworkInfo, SlaveInfo, Task } from '../../proto/index.ts';
import type { Journal, JournalOp, Lsn } from '../journal/journal.ts';
import type { WritePoint } from '../journal/write-point.ts';
import * as paths from './paths.ts';
import { encodeRecord } from './records.ts';

/** Mesos makes a run's directory for its owner and group only. */
const RUN_DIRECTORY_MODE = 0o750;
/** Markers say nothing but that they are there. */
const MARKER_MODE = 0o644;

/** A journal and the absolute path of the directory that it keeps, which links are made with. */
export interface Meta {
  readonly journal: Journal;
  readonly directory: string;
}

// Each function writes one thing in Mesos's layout and returns the place that justifies acting on it.
// What belongs to a launch is refused while the disk is full; what has happened is held.

export function checkpointBootId({ journal }: Meta, bootId: string): Lsn {
  return journal.append(text(paths.BOOT_ID_PATH, bootId), 'boot-id');
}

/** Also makes the agent the one that this work directory belongs to. */
export function checkpointAgent(
  { journal, directory }: Meta,
  key: paths.AgentKey,
  info: SlaveInfo,
): Lsn {
  const target = `${directory}/${paths.agentPath(key)}`;
  const record = encodeRecord(SlaveInfo, inPreRefinementFormat(info));
  journal.append({ kind: 'put', path: paths.agentInfoPath(key), bytes: record }, 'agent-info');
  return journal.append({ kind: 'symlink', path: paths.LATEST_AGENT_PATH, target }, 'agent-info');
}

/** The next start will register as a new agent. */
export function forgetAgent({ journal }: Meta): Lsn {
  return journal.append({ kind: 'remove', path: paths.LATEST_AGENT_PATH }, 'agent-info');
}

export function checkpointFramework(
  { journal }: Meta,
  key: paths.FrameworkKey,
  { info, pid }: { readonly info: FrameworkInfo; readonly pid: string },
): Lsn {
  const record = encodeRecord(FrameworkInfo, info);
  const put: JournalOp = { kind: 'put', path: paths.frameworkInfoPath(key), bytes: record };
  journal.append(put, 'framework-info', 'refuse');
  return journal.append(text(paths.frameworkPidPath(key), pid), 'framework-pid', 'refuse');
}

/** After a failover of the scheduler, or when its FrameworkInfo changed. */
export function updateFramework(
  { journal }: Meta,
  key: paths.FrameworkKey,
  { info, pid }: { readonly info?: FrameworkInfo; readonly pid?: string },
): Lsn {
  let lsn: Lsn = 0;
  if (info) {
    const record = encodeRecord(FrameworkInfo, info);
    const path = paths.frameworkInfoPath(key);
    lsn = journal.append({ kind: 'put', path, bytes: record }, 'framework-info');
  }
  if (pid !== undefined) {
    lsn = journal.append(text(paths.frameworkPidPath(key), pid), 'framework-pid');
  }
  return lsn;
}

/** The executor, and a run of it that becomes its latest. */
export function checkpointExecutor(
  { journal, directory }: Meta,
  key: paths.RunKey,
  executor: { readonly info: ExecutorInfo; readonly generatedForCommandTask: boolean },
): Lsn {
  const append = (op: JournalOp, point: WritePoint): Lsn => journal.append(op, point, 'refuse');
  const record = encodeRecord(ExecutorInfo, inPreRefinementFormat(executor.info));
  append({ kind: 'put', path: paths.executorInfoPath(key), bytes: record }, 'executor-info');
  const generated = executor.generatedForCommandTask ? '1' : '0';
  append(text(paths.generatedForCommandTaskPath(key), generated), 'generated-for-command-task');
  const run = paths.runPath(key);
  append({ kind: 'directory', path: run, mode: RUN_DIRECTORY_MODE }, 'run-directory');
  const target = `${directory}/${run}`;
  return append({ kind: 'symlink', path: paths.latestRunPath(key), target }, 'run-directory');
}

export function checkpointForkedPid({ journal }: Meta, key: paths.RunKey, pid: number): Lsn {
  return journal.append(text(paths.forkedPidPath(key), String(pid)), 'forked-pid');
}

/** The UPID of an executor that registered. */
export function checkpointExecutorPid({ journal }: Meta, key: paths.RunKey, pid: string): Lsn {
  return journal.append(text(paths.libprocessPidPath(key), pid), 'executor-pid');
}

/** That the executor which subscribed speaks the v1 API. */
export function checkpointHttpExecutor({ journal }: Meta, key: paths.RunKey): Lsn {
  return journal.append(marker(paths.httpMarkerPath(key)), 'executor-pid');
}

/** The first task of a run. */
export function checkpointTask({ journal }: Meta, key: paths.TaskKey, task: Task): Lsn {
  const bytes = encodeRecord(Task, inPreRefinementFormat(task));
  const put: JournalOp = { kind: 'put', path: paths.taskInfoPath(key), bytes };
  return journal.append(put, 'task-info', 'refuse');
}

/** One more task of a run. Of a former one of its id, over and told, not even its updates are left. */
export function checkpointFurtherTask(meta: Meta, key: paths.TaskKey, task: Task): Lsn {
  const path = paths.taskUpdatesPath(key);
  const cut: JournalOp = { kind: 'append', path, offset: 0, bytes: new Uint8Array() };
  meta.journal.append(cut, 'task-info', 'refuse'); // In one commit with what follows.
  return checkpointTask(meta, key, task);
}

/** Replaces what the built-in executor of the run's command task keeps. */
export function checkpointCommandTask(
  { journal }: Meta,
  key: paths.RunKey,
  bytes: Uint8Array,
): Lsn {
  return journal.append({ kind: 'put', path: paths.commandTaskPath(key), bytes }, 'command-task');
}

/** That the run has ended and nothing of it needs to be recovered. */
export function checkpointSentinel({ journal }: Meta, key: paths.RunKey): Lsn {
  return journal.append(marker(paths.sentinelPath(key)), 'executor-sentinel');
}

/** Removes the checkpoints below `path`, one of those in `paths`. */
export function removeCheckpoints({ journal }: Meta, path: string): Lsn {
  return journal.append({ kind: 'remove', path }, 'garbage-collection');
}

function text(path: string, value: string): JournalOp {
  return { kind: 'put', path, bytes: new TextEncoder().encode(value) };
}

function marker(path: string): JournalOp {
  return { kind: 'put', path, mode: MARKER_MODE, bytes: new Uint8Array() };
}
