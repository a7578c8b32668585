import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskJournal, recoverJournal } from '../agent/journal/index.ts';
import type { TaskKey } from '../agent/state/index.ts';
import { StatusUpdateManagerProcess } from '../agent/status-updates/status-update-manager-process.ts';
import { type PID, ProcessManager, SILENT_LOGGER, tell } from '../libprocess/index.ts';
import { nodeRuntime } from '../libprocess/node/node-runtime.ts';
import type { StatusUpdate } from '../proto/index.ts';
import type { Result } from './result.ts';

export const name = 'agent/status-updates';

const STREAMS = 1_024;
const WARM_UP_UPDATES = 20_000;
const UPDATES = 200_000;
/** Makes an update about as long as what a command executor reports. */
const DATA_BYTES = 250;
const BARE_RECORDS = 1_000_000;

/**
 * Each of 1,024 tasks has one update under way: it is made durable, sent, acknowledged, and the
 * acknowledgement made durable before the next. The peer appends as many bytes to one file, durably.
 */
export async function run(): Promise<Result[]> {
  const directory = join(process.cwd(), '.cache', `bench-status-updates-${process.pid}`);
  await mkdir(directory, { recursive: true });
  try {
    const params = { streams: STREAMS, data_bytes: DATA_BYTES };
    const ours = await updatesPerSecond(join(directory, 'meta'));
    const bare = await bareRecordsPerSecond(join(directory, 'bare.log'));
    const metric = 'durable';
    return [
      { name, params, metric, value: Math.round(ours), unit: 'updates/s' },
      { name, params, metric, value: Math.round(bare), unit: 'records/s', peer: 'one bare file' },
    ];
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function updatesPerSecond(metaDirectory: string): Promise<number> {
  const runtime = nodeRuntime({ logger: SILENT_LOGGER });
  const recovered = await recoverJournal({
    disk: runtime.disk,
    bootId: runtime.host.bootId,
    metaDirectory,
    strict: true,
  });
  const onFatal = (error: unknown): never => {
    throw error;
  };
  const journal = new DiskJournal({ runtime, metaDirectory, recovered, onFatal });
  const node = new ProcessManager({ runtime, address: '127.0.0.1:5051' });
  let acknowledged = 0;
  let startedAtMs = 0;
  let done: (perSecond: number) => void = () => undefined;
  const result = new Promise<number>((resolve) => (done = resolve));
  const manager: PID<StatusUpdateManagerProcess> = node.spawn(
    new StatusUpdateManagerProcess({
      journal,
      listener: {
        accepted: () => undefined,
        forward: ({ uuid, status }) => {
          const taskId = status.task_id.value;
          if (uuid) tell(manager, 'acknowledgement', { frameworkId: FRAMEWORK, taskId, uuid });
        },
        acknowledged: ({ status }) => {
          acknowledged += 1;
          if (acknowledged === WARM_UP_UPDATES) startedAtMs = performance.now();
          if (acknowledged === WARM_UP_UPDATES + UPDATES) {
            done((1_000 * UPDATES) / (performance.now() - startedAtMs));
          } else if (acknowledged + STREAMS <= WARM_UP_UPDATES + UPDATES)
            next(status.task_id.value);
        },
      },
    }),
  );
  const next = (taskId: string): void => {
    tell(manager, 'update', updateOf(taskId), keys.get(taskId));
  };
  tell(manager, 'resume');
  for (const taskId of keys.keys()) next(taskId);
  const perSecond = await result;
  await journal.close();
  await node[Symbol.asyncDispose]();
  return perSecond;
}

const FRAMEWORK = '5a1d9c0e-0000-4000-8000-000000000000-0000';
const AGENT = '5a1d9c0e-0000-4000-8000-000000000000-S0';
const CONTAINER = '88623ed3-8579-4f40-b6e3-463098781b8f';
const DATA = new Uint8Array(DATA_BYTES);
let updates = 0;

const keys = new Map(
  Array.from({ length: STREAMS }, (_, stream): [string, TaskKey] => {
    const taskId = `task-${stream}`;
    const ids = { agentId: AGENT, frameworkId: FRAMEWORK, executorId: taskId };
    return [taskId, { ...ids, containerId: CONTAINER, taskId }];
  }),
);

function updateOf(taskId: string): StatusUpdate {
  updates += 1;
  const uuid = new Uint8Array(16);
  new DataView(uuid.buffer).setUint32(0, updates);
  return {
    framework_id: { value: FRAMEWORK },
    executor_id: { value: taskId },
    slave_id: { value: AGENT },
    status: { task_id: { value: taskId }, state: 'TASK_RUNNING', uuid, data: DATA },
    timestamp: updates,
    uuid,
  };
}

/** What the disk gives: batches as large as ours can be, one write and one fdatasync each. */
async function bareRecordsPerSecond(path: string): Promise<number> {
  const file = await open(path, 'w');
  const batch = new Uint8Array(STREAMS * (DATA_BYTES + 150));
  const startedAtMs = performance.now();
  for (let written = 0; written < BARE_RECORDS; written += STREAMS) {
    await file.write(batch);
    await file.datasync();
  }
  const perSecond = (1_000 * BARE_RECORDS) / (performance.now() - startedAtMs);
  await file.close();
  return perSecond;
}
