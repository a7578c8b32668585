import { concurrently } from '../../common/concurrently.ts';
import type { Disk } from '../../libprocess/disk.ts';
import {
  ExecutorInfo,
  FrameworkInfo,
  SlaveInfo,
  StatusUpdateRecord,
  Task,
} from '../../proto/index.ts';
import type {
  AgentState,
  RecoveredAgent,
  RecoveredExecutor,
  RecoveredFramework,
  RecoveredRun,
  RecoveredTask,
} from './agent-state.ts';
import { MetaReader } from './meta-reader.ts';
import * as paths from './paths.ts';

/** Directories of one kind that are read at the same time. */
const READS_MAX = 16;

export interface RecoverOptions {
  readonly disk: Disk;
  readonly metaDirectory: string;
  /** Whether what is damaged is refused by name, or left out and counted. */
  readonly strict: boolean;
}

/**
 * Reads the meta directory, written by us or by Mesos, after the journal has been recovered. Writes
 * nothing. Files that it does not know are left alone.
 *
 * Errors: `DamagedCheckpointError` if strict.
 */
export async function recoverState(options: RecoverOptions): Promise<AgentState> {
  const reader = new MetaReader(options.disk, options.metaDirectory, options.strict);
  const bootId = await reader.text(paths.BOOT_ID_PATH);
  const agentId = await reader.linkName(paths.LATEST_AGENT_PATH);
  const agent = agentId === undefined ? undefined : await readAgent(reader, { agentId });
  return { bootId, agent, errors: reader.errors };
}

async function readAgent(reader: MetaReader, key: paths.AgentKey): Promise<RecoveredAgent> {
  const info = await reader.record(SlaveInfo, paths.agentInfoPath(key));
  const names = await reader.names(paths.frameworksPath(key), 'directory');
  const frameworks = await all(names, (frameworkId) =>
    readFramework(reader, { ...key, frameworkId }),
  );
  return { key, info, frameworks };
}

async function readFramework(
  reader: MetaReader,
  key: paths.FrameworkKey,
): Promise<RecoveredFramework> {
  const info = await reader.record(FrameworkInfo, paths.frameworkInfoPath(key));
  const pid = await nonEmptyText(reader, paths.frameworkPidPath(key));
  const names = await reader.names(paths.executorsPath(key), 'directory');
  const executors = await all(names, (executorId) => readExecutor(reader, { ...key, executorId }));
  return { key, info, pid, executors };
}

async function readExecutor(
  reader: MetaReader,
  key: paths.ExecutorKey,
): Promise<RecoveredExecutor> {
  const info = await reader.record(ExecutorInfo, paths.executorInfoPath(key));
  const generated = await reader.text(paths.generatedForCommandTaskPath(key));
  const latestRun = await reader.linkName(paths.latestRunPath(key));
  const names = await reader.names(paths.runsPath(key), 'directory');
  const runs = await all(names, (containerId) => readRun(reader, { ...key, containerId }));
  return { key, info, generatedForCommandTask: generated === '1', latestRun, runs };
}

async function readRun(reader: MetaReader, key: paths.RunKey): Promise<RecoveredRun> {
  const names = await reader.names(paths.tasksPath(key), 'directory');
  const files = await filesOf(reader, key);
  const read = async (path: string): Promise<string | undefined> =>
    files.has(path) ? nonEmptyText(reader, path) : undefined;
  const forkedPid = await read(paths.forkedPidPath(key));
  const commandTask = paths.commandTaskPath(key);
  return {
    key,
    completed: files.has(paths.sentinelPath(key)),
    http: files.has(paths.httpMarkerPath(key)),
    forkedPid: forkedPid === undefined ? undefined : parsePid(forkedPid),
    libprocessPid: await read(paths.libprocessPidPath(key)),
    commandTask: files.has(commandTask) ? await reader.bytes(commandTask) : undefined,
    tasks: await all(names, (taskId) => readTask(reader, { ...key, taskId })),
  };
}

/** Most of what may be there is not: to list two directories is cheaper than to fail at each file. */
async function filesOf(reader: MetaReader, key: paths.RunKey): Promise<ReadonlySet<string>> {
  const files = new Set<string>();
  for (const directory of [paths.runPath(key), paths.pidsPath(key)]) {
    for (const name of await reader.names(directory, 'file')) files.add(`${directory}/${name}`);
  }
  return files;
}

async function readTask(reader: MetaReader, key: paths.TaskKey): Promise<RecoveredTask> {
  const info = await reader.record(Task, paths.taskInfoPath(key));
  const { records, wholeBytes } = await reader.records(
    StatusUpdateRecord,
    paths.taskUpdatesPath(key),
  );
  return { key, info, records, recordsBytes: wholeBytes };
}

async function nonEmptyText(reader: MetaReader, path: string): Promise<string | undefined> {
  const value = await reader.text(path);
  return value === '' ? undefined : value;
}

function parsePid(text: string): number | undefined {
  const pid = Number(text);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

/** In the order of `names`. */
async function all<T>(
  names: readonly string[],
  read: (name: string) => Promise<T>,
): Promise<readonly T[]> {
  const results = new Map<string, T>();
  await concurrently(names, READS_MAX, async (name) => {
    results.set(name, await read(name));
  });
  return names.flatMap((name) => {
    const result = results.get(name);
    return result === undefined ? [] : [result];
  });
}
