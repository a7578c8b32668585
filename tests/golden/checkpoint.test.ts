import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DiskJournal } from '../../agent/journal/index.ts';
import * as meta from '../../agent/state/index.ts';
import { encodeRecord } from '../../agent/state/records.ts';
import type { Disk } from '../../libprocess/disk.ts';
import { Simulation, type SimNode } from '../../libprocess/sim/index.ts';
import { isTerminal } from '../../common/task-state.ts';
import { StatusUpdateRecord } from '../../proto/index.ts';

/** What a real agent's meta directory held. */
interface Recorded {
  readonly path: string;
  readonly type: 'dir' | 'file' | 'link';
  readonly mode: string;
  readonly base64?: string;
  readonly target?: string;
}

const FOLDER = new URL('./checkpoint/', import.meta.url);
const ROOT = '/var/lib/mesos/agent/meta';
/** Kept by parts of Mesos that are not ours: a LevelDB, and reservations and their operations. */
const NOT_OURS = /resource_provider_registry|^resources|\/operations/;
const RECORDINGS = readdirSync(FOLDER).sort();

function recording(name: string): readonly Recorded[] {
  const { meta: entries } = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as {
    meta: readonly Recorded[];
  };
  return entries;
}

async function materialise(disk: Disk, entries: readonly Recorded[]): Promise<void> {
  await disk.makeDirectory(ROOT);
  for (const { path, type, mode, base64 = '', target = '' } of entries) {
    if (type === 'dir') await disk.makeDirectory(path);
    else if (type === 'file') await disk.writeFile(path, Buffer.from(base64, 'base64'));
    else await disk.symlink(target, path);
    if (type !== 'link') await disk.setMode(path, Number(mode));
  }
}

/** Every name below `path`, with kind, mode and contents. */
async function tree(disk: Disk, path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name, kind } of await disk.readDirectory(path)) {
    const each = `${path}/${name}`;
    const relative = each.slice(ROOT.length + 1);
    if (NOT_OURS.test(relative)) continue;
    if (kind === 'symlink') {
      found[relative] = `link to ${await disk.readLink(each)}`;
      continue;
    }
    const mode = (await disk.status(each)).mode.toString(8);
    if (kind === 'directory') Object.assign(found, await tree(disk, each));
    const bytes = kind === 'file' ? Buffer.from(await disk.readFile(each)).toString('base64') : '';
    found[relative] = `${kind} ${mode} ${bytes}`;
  }
  return found;
}

/** Writes the state as our agent does in its life. */
async function write(node: SimNode, state: meta.AgentState): Promise<void> {
  const onFatal = (error: unknown): never => {
    throw error;
  };
  const journal = new DiskJournal({ runtime: node.runtime, metaDirectory: ROOT, onFatal });
  const to: meta.Meta = { journal, directory: ROOT };
  meta.checkpointBootId(to, state.bootId ?? '');
  const { agent } = state;
  if (agent?.info) meta.checkpointAgent(to, agent.key, agent.info);
  for (const { key, info, pid, executors } of agent?.frameworks ?? []) {
    if (info && pid) meta.checkpointFramework(to, key, { info, pid });
    for (const executor of executors) for (const run of executor.runs) writeRun(to, executor, run);
  }
  await journal.close();
}

function writeRun(to: meta.Meta, executor: meta.RecoveredExecutor, run: meta.RecoveredRun): void {
  const { info, generatedForCommandTask } = executor;
  if (info) meta.checkpointExecutor(to, run.key, { info, generatedForCommandTask });
  for (const task of run.tasks) {
    if (task.info) meta.checkpointTask(to, task.key, task.info);
    let offset = 0;
    for (const record of task.records) {
      const bytes = encodeRecord(StatusUpdateRecord, record);
      const path = meta.taskUpdatesPath(task.key);
      to.journal.append({ kind: 'append', path, offset, bytes }, 'update-record');
      offset += bytes.length;
    }
  }
  if (run.forkedPid !== undefined) meta.checkpointForkedPid(to, run.key, run.forkedPid);
  if (run.libprocessPid !== undefined) meta.checkpointExecutorPid(to, run.key, run.libprocessPid);
  if (run.http) meta.checkpointHttpExecutor(to, run.key);
  if (run.completed) meta.checkpointSentinel(to, run.key);
}

async function recover(sim: Simulation, disk: Disk): Promise<meta.AgentState> {
  return sim.complete(meta.recoverState({ disk, metaDirectory: ROOT, strict: true }));
}

describe('the meta directory of a real Mesos agent', () => {
  test.each(RECORDINGS)(
    '%s is read whole, and written by us is the same to the byte',
    async (name) => {
      const sim = new Simulation();
      const theirs = sim.node().runtime.disk;
      await sim.complete(materialise(theirs, recording(name)));
      const state = await recover(sim, theirs);
      expect(state.errors).toEqual([]);

      const node = sim.node();
      await sim.complete(node.runtime.disk.makeDirectory(ROOT));
      await sim.complete(write(node, state));
      const ours = await sim.complete(tree(node.runtime.disk, ROOT));
      expect(ours).toEqual(await sim.complete(tree(theirs, ROOT)));
      expect(Object.keys(ours).length).toBeGreaterThan(20);
      expect(await recover(sim, node.runtime.disk)).toEqual(state);
    },
  );

  test('tells which updates were not acknowledged when the agent was killed', async () => {
    const sim = new Simulation();
    const { disk } = sim.node().runtime;
    await sim.complete(materialise(disk, recording('3-agent-killed.json')));
    const { agent } = await recover(sim, disk);
    const runs = agent?.frameworks[0]?.executors.flatMap((executor) => executor.runs) ?? [];
    const facts = runs.map(({ completed, http, forkedPid, tasks }) => {
      const [task] = tasks;
      const updates = task?.records.filter((record) => record.type === 'UPDATE') ?? [];
      const acks = task?.records.filter((record) => record.type === 'ACK') ?? [];
      const last = updates.at(-1)?.update?.status.state ?? 'TASK_STAGING';
      const unacknowledged = updates.length - acks.length;
      const pid = forkedPid !== undefined && forkedPid > 0;
      return {
        task: task?.key.taskId,
        completed,
        http,
        pid,
        terminal: isTerminal(last),
        unacknowledged,
      };
    });
    expect(facts).toEqual([
      {
        task: 'cmd-1',
        completed: false,
        http: false,
        pid: true,
        terminal: false,
        unacknowledged: 0,
      },
      {
        task: 'cmd-2',
        completed: false,
        http: false,
        pid: true,
        terminal: true,
        unacknowledged: 1,
      },
      { task: 'cus-1', completed: false, http: true, pid: true, terminal: true, unacknowledged: 1 },
    ]);
  });

  test('cut short in its updates keeps the whole ones, also strictly', async () => {
    const sim = new Simulation();
    const { disk } = sim.node().runtime;
    const entries = recording('1-running.json');
    await sim.complete(materialise(disk, entries));
    const path = entries.find((entry) => entry.path.endsWith('task.updates'))?.path ?? '';
    const bytes = await sim.complete(disk.readFile(path));
    const records = (state: meta.AgentState) =>
      state.agent?.frameworks[0]?.executors[0]?.runs[0]?.tasks[0];
    const whole = records(await recover(sim, disk));
    await sim.complete(disk.writeFile(path, bytes.subarray(0, bytes.length - 1)));
    const cut = records(await recover(sim, disk));
    expect(cut?.records).toEqual(whole?.records.slice(0, -1));
    expect(cut?.recordsBytes).toBeLessThan(bytes.length - 1);
  });

  test('damaged is refused by name if strict, and else read without that part', async () => {
    const sim = new Simulation();
    const { disk } = sim.node().runtime;
    const entries = recording('1-running.json');
    await sim.complete(materialise(disk, entries));
    const path = entries.find((entry) => entry.path.endsWith('cmd-1/executor.info'))?.path ?? '';
    await sim.complete(disk.writeFile(path, Uint8Array.of(2, 0, 0, 0, 0xff, 0xff)));
    await expect(recover(sim, disk)).rejects.toThrow(`Checkpoint '${path}' is damaged`);
    const lenient = { disk, metaDirectory: ROOT, strict: false };
    const state = await sim.complete(meta.recoverState(lenient));
    expect(state.errors).toHaveLength(1);
    const [executor, next] = state.agent?.frameworks[0]?.executors ?? [];
    expect([executor?.info, next?.info?.executor_id.value]).toEqual([undefined, 'cmd-2']);
  });
});
