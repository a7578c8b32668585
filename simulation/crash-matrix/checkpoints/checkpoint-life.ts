import type { Journal, JournalOp, Lsn, WritePoint } from '../../../agent/journal/index.ts';
import * as meta from '../../../agent/state/index.ts';
import { encodeRecord } from '../../../agent/state/records.ts';
import {
  StatusUpdateRecord,
  type StatusUpdate,
  type Task,
  type TaskState,
} from '../../../proto/index.ts';

export const ROOT = '/work/meta';

const RUN: meta.RunKey = { agentId: 'S0', frameworkId: 'F', executorId: 'E', containerId: 'C' };
const TASK: meta.TaskKey = { ...RUN, taskId: 'T' };
const IDS = {
  slave_id: { value: 'S0' },
  framework_id: { value: 'F' },
  executor_id: { value: 'E' },
  task_id: { value: 'T' },
};

export interface Step {
  readonly run: (to: meta.Meta) => Lsn;
  /** Virtual time that passes afterwards. */
  readonly pauseMs?: number;
}

/** Appends records to the task's file as the status update manager does. */
class Updates {
  #offset = 0;

  update(state: TaskState, n: number): Step['run'] {
    const uuid = new Uint8Array(16).fill(n);
    const status = { task_id: IDS.task_id, state };
    const update: StatusUpdate = { framework_id: IDS.framework_id, status, timestamp: n, uuid };
    return this.#append({ type: 'UPDATE', update }, 'update-record');
  }

  ack(n: number): Step['run'] {
    return this.#append({ type: 'ACK', uuid: new Uint8Array(16).fill(n) }, 'ack-record');
  }

  #append(record: StatusUpdateRecord, point: WritePoint): Step['run'] {
    const bytes = encodeRecord(StatusUpdateRecord, record);
    const offset = this.#offset;
    this.#offset += bytes.length;
    const path = meta.taskUpdatesPath(TASK);
    return ({ journal }) => journal.append({ kind: 'append', path, offset, bytes }, point);
  }
}

export interface LifeOptions {
  /** How many other tasks are recorded, one after the other, just when a segment is old enough. */
  readonly crowd?: number;
}

/** A segment ends after so long, and is retired while the next begins. */
const AGED_MS = 10_012;
/** A little before, so that commits are under way when it ends. */
const NEARLY_AGED_MS = 9_999;

/** Everything an agent checkpoints in the life of one task, from its first start to the last removal. */
export function life({ crowd = 0 }: LifeOptions = {}): readonly Step[] {
  const updates = new Updates();
  const slave = { hostname: 'host', id: IDS.slave_id };
  const framework = { user: 'root', name: 'test', checkpoint: true, id: IDS.framework_id };
  const { task_id, slave_id, framework_id, executor_id } = IDS;
  const task = { name: 't', task_id, slave_id, framework_id, state: 'TASK_STAGING' as const };
  const executor = { info: { executor_id, framework_id }, generatedForCommandTask: true };
  return [
    { run: (to) => meta.checkpointBootId(to, 'boot-1') },
    { run: (to) => meta.checkpointAgent(to, RUN, slave) },
    { run: (to) => meta.checkpointFramework(to, RUN, { info: framework, pid: 's@10.0.0.9:1' }) },
    {
      run: (to) => meta.checkpointExecutor(to, RUN, executor),
      pauseMs: crowd > 0 ? NEARLY_AGED_MS : AGED_MS,
    },
    ...crowdOf(crowd, task),
    { run: (to) => meta.checkpointTask(to, TASK, task) },
    { run: (to) => meta.checkpointForkedPid(to, RUN, 4_711) },
    { run: (to) => meta.checkpointExecutorPid(to, RUN, 'executor(1)@10.0.0.1:1') },
    { run: (to) => meta.checkpointHttpExecutor(to, RUN) },
    { run: updates.update('TASK_RUNNING', 1) },
    { run: updates.ack(1), pauseMs: AGED_MS },
    { run: (to) => meta.updateFramework(to, RUN, { pid: 's@10.0.0.9:2' }) },
    { run: updates.update('TASK_FINISHED', 2) },
    { run: updates.ack(2) },
    { run: (to) => meta.checkpointSentinel(to, RUN), pauseMs: AGED_MS },
    { run: (to) => meta.removeCheckpoints(to, meta.frameworkPath(RUN)) },
    { run: (to) => meta.checkpointBootId(to, 'boot-2') },
  ];
}

/** Each in a file of its own: none makes up for the loss of another. */
function crowdOf(size: number, task: Task): readonly Step[] {
  return Array.from({ length: size }, (_, n) => {
    const taskId = `crowd-${n}`;
    const info = { ...task, task_id: { value: taskId } };
    return {
      run: (to: meta.Meta) => meta.checkpointTask(to, { ...TASK, taskId }, info),
      pauseMs: 1,
    };
  });
}

/** What each step writes. */
export function operationsOf(step: Step): readonly { op: JournalOp; point: WritePoint }[] {
  const written: { op: JournalOp; point: WritePoint }[] = [];
  const journal: Journal = {
    append: (op, point) => written.push({ op, point }),
    after: () => undefined,
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  step.run({ journal, directory: ROOT });
  return written;
}

/** The plain files as text, by path: what the operations come to, done one after the other. */
export function fold(ops: readonly JournalOp[]): ReadonlyMap<string, string> {
  const tree = new Map<string, string>();
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  for (const op of ops) {
    for (let at = op.path.indexOf('/'); at > 0; at = op.path.indexOf('/', at + 1)) {
      if (op.kind !== 'remove') tree.set(op.path.slice(0, at), 'directory');
    }
    if (op.kind === 'put') tree.set(op.path, hex(op.bytes));
    else if (op.kind === 'directory') tree.set(op.path, 'directory');
    else if (op.kind === 'symlink') tree.set(op.path, `link to ${op.target}`);
    else if (op.kind === 'append') {
      const before = tree.get(op.path) ?? '';
      tree.set(op.path, before.slice(0, 2 * op.offset) + hex(op.bytes));
    } else {
      for (const path of tree.keys()) {
        if (path === op.path || path.startsWith(`${op.path}/`)) tree.delete(path);
      }
    }
  }
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}
