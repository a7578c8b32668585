import { describe, expect, test } from '@jest/globals';
import { dispatch, ProcessManager } from '../../libprocess/index.ts';
import { Simulation } from '../../libprocess/sim/index.ts';
import { StatusUpdateRecord, type StatusUpdate, type TaskState } from '../../proto/index.ts';
import { DiskJournal, recoverJournal } from '../journal/index.ts';
import { taskUpdatesPath, type TaskKey } from '../state/paths.ts';
import { decodeRecords } from '../state/records.ts';
import { StatusUpdateManagerProcess } from './status-update-manager-process.ts';

const META = '/meta';
const FRAMEWORK = 'f';
const keyOf = (taskId: string): TaskKey => ({
  agentId: 'S0',
  frameworkId: FRAMEWORK,
  executorId: 'e',
  containerId: 'c',
  taskId,
});

interface Named {
  readonly task?: string;
  readonly name?: string;
}

function updateOf(state: TaskState, { task = 't', name = state }: Named = {}): StatusUpdate {
  return {
    framework_id: { value: FRAMEWORK },
    status: { task_id: { value: task }, state },
    timestamp: 1,
    uuid: new TextEncoder().encode(name.padEnd(16, '.')),
  };
}

const RUNNING = updateOf('TASK_RUNNING');
const FINISHED = updateOf('TASK_FINISHED');

async function setUp() {
  const sim = new Simulation();
  const machine = sim.machine();
  const story: string[] = [];

  const boot = async () => {
    const node = sim.boot(machine);
    await sim.complete(node.runtime.disk.makeDirectory(META));
    const { disk, host } = node.runtime;
    const recovery = { disk, bootId: host.bootId, metaDirectory: META, strict: true };
    const recovered = await sim.complete(recoverJournal(recovery));
    const journal = new DiskJournal({
      runtime: node.runtime,
      metaDirectory: META,
      recovered,
      onFatal: (error) => story.push(`fatal ${String(error)}`),
    });
    const note = (what: string) => (update: StatusUpdate) =>
      void story.push(`${Math.round(sim.nowMs / 1_000)} ${what} ${update.status.state}`);
    const manager = new StatusUpdateManagerProcess({
      journal,
      listener: {
        forward: note('forward'),
        accepted: note('accepted'),
        acknowledged: (update, ended) => note(ended ? 'ended' : 'acknowledged')(update),
      },
    });
    const address = `${machine.ip}:5051`;
    const pid = new ProcessManager({ runtime: node.runtime, address }).spawn(manager);
    return { node, pid, journal };
  };

  /** The records in the task's file. */
  const records = async (task = 't') => {
    const { disk } = sim.boot(machine).runtime;
    const file = await sim.complete(disk.readFile(`${META}/${taskUpdatesPath(keyOf(task))}`));
    return decodeRecords(StatusUpdateRecord, file);
  };
  const settle = async () => sim.advance(100);
  const since = (length: number): string[] => story.slice(length);
  return { sim, machine, story, boot, records, settle, since };
}

const ack = ({ uuid = new Uint8Array(), status }: StatusUpdate) => ({
  frameworkId: FRAMEWORK,
  taskId: status.task_id.value,
  uuid,
});

describe('the status update manager of an agent', () => {
  test('keeps update and acknowledgement in the log of the task, in order [f438f24]', async () => {
    const { boot, settle, story, records } = await setUp();
    const { pid } = await boot();
    dispatch(pid, 'resume');
    dispatch(pid, 'update', RUNNING, keyOf('t'));
    await settle();
    expect(story).toEqual(['0 accepted TASK_RUNNING', '0 forward TASK_RUNNING']);
    dispatch(pid, 'acknowledgement', ack(RUNNING));
    await settle();
    expect((await records()).records).toEqual([
      { type: 'UPDATE', update: RUNNING },
      { type: 'ACK', uuid: RUNNING.uuid },
    ]);
  });

  test('retries after 10, 20, 40 … seconds, and no more once it is acknowledged (U7)', async () => {
    const { sim, boot, story } = await setUp();
    const { pid } = await boot();
    dispatch(pid, 'resume');
    dispatch(pid, 'update', RUNNING, keyOf('t'));
    await sim.advance(71_000);
    const times = story
      .filter((line) => line.includes('forward'))
      .map((line) => parseInt(line, 10));
    expect(times).toEqual([0, 10, 30, 70]);
    dispatch(pid, 'acknowledgement', ack(RUNNING));
    await sim.advance(3_600_000);
    expect(story.slice(5)).toEqual(['71 acknowledged TASK_RUNNING']);
  });

  test('times each update from its own first sending', async () => {
    const { sim, boot, story } = await setUp();
    const { pid } = await boot();
    dispatch(pid, 'resume');
    dispatch(pid, 'update', RUNNING, keyOf('t'));
    await sim.advance(6_000);
    dispatch(pid, 'acknowledgement', ack(RUNNING));
    dispatch(pid, 'update', FINISHED, keyOf('t'));
    await sim.advance(20_000);
    const sent = story.filter((line) => line.includes('forward TASK_FINISHED'));
    expect(sent).toEqual(['6 forward TASK_FINISHED', '16 forward TASK_FINISHED']);
  });

  test('is patient with one update only, and not with the next, nor after the master was away (U7)', async () => {
    const { sim, boot, story, since } = await setUp();
    const { pid } = await boot();
    dispatch(pid, 'resume');
    dispatch(pid, 'update', RUNNING, keyOf('t'));
    await sim.advance(75_000); // It is due again at 150 s.
    dispatch(pid, 'resume');
    await sim.advance(20_000);
    const { length } = story;
    dispatch(pid, 'acknowledgement', ack(RUNNING));
    dispatch(pid, 'update', FINISHED, keyOf('t'));
    await sim.advance(12_000);
    const times = story.filter((line) => line.includes('forward TASK_RUNNING'));
    expect(times.slice(-2)).toEqual(['75 forward TASK_RUNNING', '85 forward TASK_RUNNING']);
    expect(since(length)).toContain('105 forward TASK_FINISHED');
  });

  test('goes on retrying after an acknowledgement with another UUID [7099cac]', async () => {
    const { sim, boot, story } = await setUp();
    const { pid } = await boot();
    dispatch(pid, 'resume');
    dispatch(pid, 'update', RUNNING, keyOf('t'));
    await sim.advance(1_000);
    dispatch(pid, 'acknowledgement', { ...ack(RUNNING), uuid: new Uint8Array(16) });
    await sim.advance(10_000);
    expect(story).toContain('10 forward TASK_RUNNING');
  });

  test('sends nothing while paused and the heads at once when resumed (U7)', async () => {
    const { sim, boot, since, story } = await setUp();
    const { pid } = await boot();
    dispatch(pid, 'update', RUNNING, keyOf('t'));
    await sim.advance(30_000);
    expect(story).toEqual(['0 accepted TASK_RUNNING']);
    dispatch(pid, 'resume');
    await sim.advance(45_000);
    expect(since(1)).toEqual([30, 40, 60].map((at) => `${at} forward TASK_RUNNING`));
    dispatch(pid, 'pause');
    await sim.advance(600_000);
    expect(since(4)).toEqual([]);
    dispatch(pid, 'resume');
    await sim.advance(1_000);
    expect(since(4)).toEqual(['675 forward TASK_RUNNING']);
  });

  test('sends the heads of one framework at once when asked', async () => {
    const { sim, boot, since, story } = await setUp();
    const { pid } = await boot();
    dispatch(pid, 'resume');
    for (const task of ['a', 'b'])
      dispatch(pid, 'update', updateOf('TASK_RUNNING', { task, name: task }));
    await sim.advance(2_000);
    const before = story.length;
    dispatch(pid, 'resendFramework', FRAMEWORK);
    dispatch(pid, 'resendFramework', 'another');
    await sim.advance(1_000);
    expect(since(before)).toEqual(['2 forward TASK_RUNNING', '2 forward TASK_RUNNING']);
  });

  test('forgets a framework with its streams and timers', async () => {
    const { sim, boot, since, story } = await setUp();
    const { pid } = await boot();
    dispatch(pid, 'resume');
    dispatch(pid, 'update', RUNNING, keyOf('t'));
    await sim.advance(1_000);
    const before = story.length;
    dispatch(pid, 'update', FINISHED, keyOf('t'));
    dispatch(pid, 'removeFramework', FRAMEWORK);
    await sim.advance(100_000);
    expect(since(before)).toEqual([]);
  });

  test.each([RUNNING, FINISHED])(
    'accepts, and does nothing else with, a repeated update of a task that is over: $status.state (U6)',
    async (repeated) => {
      const { sim, boot, settle, since, story } = await setUp();
      const { pid } = await boot();
      dispatch(pid, 'resume');
      for (const update of [RUNNING, FINISHED]) {
        dispatch(pid, 'update', update, keyOf('t'));
        await settle();
        dispatch(pid, 'acknowledgement', ack(update));
        await settle();
      }
      const before = story.length;
      dispatch(pid, 'update', repeated, keyOf('t'));
      await sim.advance(60_000);
      expect(since(before)).toEqual([`0 accepted ${repeated.status.state}`]);
    },
  );

  test('needs no disk for a framework that does not checkpoint', async () => {
    const { machine, boot, settle, story } = await setUp();
    const { pid } = await boot();
    const before = machine.disk.operations;
    dispatch(pid, 'resume');
    dispatch(pid, 'update', FINISHED);
    await settle();
    dispatch(pid, 'acknowledgement', ack(FINISHED));
    await settle();
    expect(story.map((line) => line.slice(2))).toEqual([
      'accepted TASK_FINISHED',
      'forward TASK_FINISHED',
      'ended TASK_FINISHED',
    ]);
    expect(machine.disk.operations).toBe(before);
  });

  test('recovered after a power cut sends what was not acknowledged, and appends after it (U1)', async () => {
    const { sim, machine, boot, settle, since, records, story } = await setUp();
    const first = await boot();
    dispatch(first.pid, 'resume');
    dispatch(first.pid, 'update', RUNNING, keyOf('t'));
    dispatch(first.pid, 'update', FINISHED, keyOf('t'));
    await settle();
    dispatch(first.pid, 'acknowledgement', ack(RUNNING));
    await settle();
    const before = story.length;
    sim.reboot(machine);

    const second = await boot();
    const { records: kept, wholeBytes } = await records();
    const recovered = { key: keyOf('t'), records: kept, recordsBytes: wholeBytes };
    dispatch(second.pid, 'recover', [recovered]);
    dispatch(second.pid, 'resume');
    await settle();
    expect(since(before).map((line) => line.slice(2))).toEqual(['forward TASK_FINISHED']);
    dispatch(second.pid, 'acknowledgement', ack(FINISHED));
    await settle();
    expect((await records()).records.map((record) => record.type)).toEqual([
      'UPDATE',
      'UPDATE',
      'ACK',
      'ACK',
    ]);
  });
});
