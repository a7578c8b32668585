import { describe, expect, test } from '@jest/globals';
import {
  Simulation,
  type DiskFault,
  type DiskOperation,
  type SimNode,
} from '../../libprocess/sim/index.ts';
import { DiskJournal } from './disk-journal.ts';
import { recoverJournal } from './recover-journal.ts';

const META = '/meta';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const put = (path: string, text: string) => ({ kind: 'put', path, bytes: bytes(text) }) as const;
const append = (path: string, offset: number, text: string) =>
  ({ kind: 'append', path, offset, bytes: bytes(text) }) as const;

async function setUp() {
  const sim = new Simulation();
  const node = sim.node();
  const { disk } = node.runtime;
  await sim.complete(disk.makeDirectory(META));
  const failures: unknown[] = [];
  const operations: string[] = [];
  node.machine.disk.onOperation = ({ kind, path }: DiskOperation) => {
    operations.push(`${kind} ${path.slice(META.length)}`);
  };
  return {
    sim,
    disk,
    failures,
    operations,
    journal: new DiskJournal({
      runtime: node.runtime,
      metaDirectory: META,
      onFatal: (error) => failures.push(error),
    }),
    inject: (fault: DiskFault) => node.machine.disk.inject(fault),
    text: async (path: string) =>
      new TextDecoder().decode(await sim.complete(disk.readFile(`${META}/${path}`))),
    names: async (path: string) => {
      const entries = await sim.complete(disk.readDirectory(path));
      return entries.map((entry) => entry.name);
    },
  };
}

describe('the journal of an agent', () => {
  test('runs what waits for a record once it is synced; the plain file follows', async () => {
    const { sim, operations, journal, text } = await setUp();
    const seen: string[][] = [];
    const lsn = journal.append(put('boot_id', 'b1'), 'boot-id');
    journal.after(lsn, () => seen.push([...operations]));
    expect(seen).toEqual([]);
    await sim.complete(journal.flush());
    const [before = []] = seen;
    expect(before.slice(-2)).toEqual(['write /journal/1', 'sync /journal/1']);
    await sim.advance(100);
    const after = operations.slice(before.length).filter((each) => /^(write|rename)/.test(each));
    expect(after).toEqual(['write /boot_id.tmp', 'rename /boot_id.tmp']);
    expect(await text('boot_id')).toBe('b1');
  });

  test('runs what waits for a durable record at once', async () => {
    const { sim, journal } = await setUp();
    const lsn = journal.append(put('a', '1'), 'boot-id');
    await sim.complete(journal.flush());
    let ran = false;
    journal.after(lsn, () => (ran = true));
    expect(ran).toBe(true);
  });

  test('commits all that was appended in one turn with one sync, and releases it in order', async () => {
    const { sim, operations, journal } = await setUp();
    const order: number[] = [];
    for (let i = 0; i < 100; i += 1) {
      const lsn = journal.append(append(`f${i % 7}`, Math.floor(i / 7), 'x'), 'update-record');
      journal.after(lsn, () => order.push(i));
    }
    await sim.complete(journal.flush());
    await sim.advance(100);
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(operations.filter((each) => each === 'sync /journal/1')).toHaveLength(2); // Header, commit.
    expect(operations.filter((each) => each === 'write /f3')).toHaveLength(1);
  });

  test('writes once what changed several times while the plain files were being written', async () => {
    const { sim, operations, journal, text } = await setUp();
    for (let i = 0; i < 1_000; i += 1) journal.append(put(`many/${i}`, '1'), 'task-info');
    const commits = Array.from({ length: 20 }, (_, index) => `${index}`);
    for (const each of commits) {
      await sim.complete(journal.flush());
      journal.append(put('record', each), 'command-task');
    }
    await sim.advance(100);
    expect(await text('record')).toBe('19');
    const syncs = operations.filter((each) => each === 'sync /journal/1').length;
    const puts = operations.filter((each) => each === 'rename /record.tmp').length;
    expect(syncs).toBe(22); // The header's too.
    expect(puts).toBeLessThan(commits.length);
  });

  test('leaves no files of its own after a clean stop, and all others synced', async () => {
    const { sim, journal, names, operations } = await setUp();
    journal.append(put('a/b', '1'), 'task-info');
    await sim.complete(journal.close());
    expect(await names(META)).toEqual(['a']);
    expect(operations).toEqual(
      expect.arrayContaining(['sync /a/b', 'sync-directory /a', 'sync-directory ']),
    );
  });

  test('removes a segment after ten seconds, its files synced first', async () => {
    const { sim, journal, names, operations } = await setUp();
    journal.append(put('a', '1'), 'task-info');
    await sim.advance(9_990);
    expect(await names(`${META}/journal`)).toEqual(['1']);
    await sim.advance(1_000);
    expect(await names(`${META}/journal`)).toEqual([]);
    expect(operations.indexOf('sync /a')).toBeLessThan(
      operations.indexOf('remove /journal/1.syncing'),
    );
  });

  test('a full disk refuses a launch, holds an update and loses neither order nor usability', async () => {
    const { sim, journal, text, inject, failures } = await setUp();
    const full = inject({ kind: 'write', code: 'ENOSPC' });
    const seen: string[] = [];
    const update = journal.append(append('u', 0, 'one'), 'update-record');
    journal.after(update, () => seen.push('update'));
    const launch = journal.append(put('t', 'task'), 'task-info', 'refuse');
    journal.after(
      launch,
      () => seen.push('launched'),
      () => seen.push('refused'),
    );
    await sim.advance(5_000);
    expect(seen).toEqual(['refused']);
    full[Symbol.dispose]();
    await sim.advance(1_500);
    expect(seen).toEqual(['refused', 'update']);
    const later = journal.append(put('t', 'later'), 'task-info', 'refuse');
    journal.after(later, () => seen.push('later'));
    await sim.complete(journal.flush());
    await sim.advance(100);
    expect(seen).toEqual(['refused', 'update', 'later']);
    expect([await text('u'), await text('t'), failures]).toEqual(['one', 'later', []]);
  });

  test('what was refused, or cut by a full disk, is not there after a crash', async () => {
    const { sim, disk, journal, inject } = await setUp();
    journal.append(put('before', '1'), 'task-info');
    await sim.complete(journal.flush());
    inject({ kind: 'write', path: /journal/, code: 'ENOSPC', times: 1 });
    journal.append(put('refused', '1'), 'task-info', 'refuse');
    await sim.advance(100);
    const recovery = recoverJournal({ disk, bootId: 'any', metaDirectory: META, strict: true });
    expect(await sim.complete(recovery)).toMatchObject({ commits: 1, tornBytes: 0 });
  });

  test.each(['kill', 'power'] as const)(
    'goes on where another was killed: after a %s at any operation both are there',
    async (by) => {
      for (let at = 1; at <= 100; at += 1) {
        const sim = new Simulation();
        const machine = sim.machine();
        const boot = async () => {
          const node = sim.boot(machine);
          const { runtime } = node;
          const { disk, host } = runtime;
          const options = { disk, bootId: host.bootId, metaDirectory: META, strict: true };
          const recovered = await sim.complete(recoverJournal(options));
          const onFatal = () => undefined;
          const next = new DiskJournal({ runtime, metaDirectory: META, recovered, onFatal });
          return { node, journal: next, commits: recovered.commits };
        };
        const first = await boot();
        first.journal.append(put('a', 'first'), 'task-info');
        first.journal.append(append('u', 0, 'one'), 'update-record');
        await sim.complete(first.journal.flush());
        sim.kill(first.node);

        const second = await boot();
        expect(second.commits).toBe(1);
        const last = machine.disk.operations + at;
        machine.disk.onOperation = ({ ordinal }) => {
          if (ordinal !== last) return;
          if (by === 'power') sim.reboot(machine);
          else sim.kill(second.node);
        };
        let durable = 0;
        second.journal.append(put('a', 'second'), 'task-info');
        const lsn = second.journal.append(append('u', 3, ' two'), 'update-record');
        second.journal.after(lsn, () => (durable = 1));
        for (const more of ['1', '2', '3']) {
          await sim.advance(20); // By then the plain files of the last one are written.
          second.journal.append(put('c', more), 'task-info');
        }
        await sim.advance(at % 2 === 0 ? 20_000 : 20);
        machine.disk.onOperation = undefined;
        if (second.node.alive) sim.kill(second.node);

        const read = async ({ runtime: { disk } }: SimNode, path: string) =>
          new TextDecoder().decode(await sim.complete(disk.readFile(`${META}/${path}`)));
        const found = async (node: SimNode) =>
          [await read(node, 'a'), await read(node, 'u')].join();
        const third = await boot();
        const recovered = await found(third.node);
        expect(['first,one', 'second,one two'].slice(durable)).toContain(recovered);

        third.journal.append(put('b', 'third'), 'task-info');
        await sim.complete(third.journal.flush());
        sim.reboot(machine);
        const fourth = await boot();
        expect(await found(fourth.node)).toBe(recovered);
        expect(await read(fourth.node, 'b')).toBe('third');
      }
    },
  );

  test('is rid of segments that agents left before it, once it has synced their files', async () => {
    const { sim, journal, names } = await setUp();
    journal.append(put('a', '1'), 'task-info');
    await sim.complete(journal.flush());
    const node = sim.node();
    const { disk } = node.runtime;
    await sim.complete(disk.makeDirectory(META));
    const operations: string[] = [];
    for (let life = 1; life <= 12; life += 1) {
      const { bootId } = node.runtime.host;
      const options = { disk, bootId, metaDirectory: META, strict: true };
      const recovered = await sim.complete(recoverJournal(options));
      expect(recovered.segments.length).toBeLessThanOrEqual(10);
      const { runtime } = node;
      node.machine.disk.onOperation = ({ kind, path }: DiskOperation) => {
        operations.push(`${kind} ${path.slice(META.length)}`);
      };
      const next = new DiskJournal({
        runtime,
        metaDirectory: META,
        recovered,
        onFatal: (error) => {
          throw error;
        },
      });
      next.append(put(`f${life}`, '1'), 'task-info');
      await sim.complete(next.flush());
      await sim.advance(100); // As after a kill: it is not closed.
    }
    expect(await names(`${META}/journal`)).toEqual(['1']);
    expect(operations.indexOf('sync /f1')).toBeLessThan(operations.indexOf('remove /journal/1'));
  });

  test('a power cut after a kill, each in the midst of a new segment, leaves no gap between segments', async () => {
    /** One life: it may be over at any moment, and is then never ready. */
    const live = async ({ runtime }: SimNode): Promise<void> => {
      const { disk, host } = runtime;
      const options = { disk, bootId: host.bootId, metaDirectory: META, strict: true };
      const recovered = await recoverJournal(options);
      const onFatal = (): void => undefined;
      const journal = new DiskJournal({ runtime, metaDirectory: META, recovered, onFatal });
      journal.append(put(`of-${host.bootId}`, '1'), 'task-info');
      await journal.flush();
    };
    for (let seed = 0; seed < 60; seed += 1) {
      const sim = new Simulation({ seed });
      const machine = sim.machine();
      await sim.complete(live(sim.boot(machine)));
      // Killed when a segment has been made and is not synced ...
      const killed = sim.boot(machine);
      machine.disk.onOperation = ({ kind, path }: DiskOperation) => {
        if (kind === 'write' && path.endsWith('/journal/2')) sim.kill(killed);
      };
      void live(killed);
      await sim.advance(1_000);
      // ... and without power when the next one has.
      machine.disk.onOperation = ({ kind, path }: DiskOperation) => {
        if (kind === 'sync' && path.endsWith('/journal/3')) sim.powerOff(machine);
      };
      void live(sim.boot(machine));
      await sim.advance(1_000);
      machine.disk.onOperation = undefined;
      sim.powerOn(machine);
      await sim.complete(live(sim.boot(machine)));
    }
  });

  test('a record that is durable waits for room in the plain files without holding up others', async () => {
    const { sim, journal, inject, text, names } = await setUp();
    const full = inject({ kind: 'write', path: /task\.info/, code: 'ENOSPC' });
    let released = false;
    const lsn = journal.append(put('task.info', 'v'), 'task-info');
    journal.after(lsn, () => (released = true));
    await sim.advance(30_000);
    expect(released).toBe(true);
    expect(await names(`${META}/journal`)).toEqual(['1']);
    full[Symbol.dispose]();
    await sim.advance(30_000);
    expect(await text('task.info')).toBe('v');
    expect(await names(`${META}/journal`)).toEqual([]);
  });

  test('a failed sync is final: nothing waits any more, and the owner hears it once', async () => {
    const { sim, journal, failures, inject } = await setUp();
    inject({ kind: 'sync', code: 'EIO', times: 1 });
    const seen: string[] = [];
    journal.after(journal.append(put('a', '1'), 'task-info'), () => seen.push('a'));
    await sim.advance(100);
    journal.after(journal.append(put('b', '1'), 'task-info'), () => seen.push('b'));
    await sim.advance(60_000);
    expect(seen).toEqual([]);
    expect(failures).toMatchObject([{ code: 'EIO' }]);
    await expect(journal.flush()).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' });
  });

  test('a failed sync of a plain file in the background is final, and the segment stays', async () => {
    const { sim, journal, failures, inject, names } = await setUp();
    inject({ kind: 'sync', path: /task\.info/, code: 'EIO' });
    journal.append(put('task.info', '1'), 'task-info');
    await sim.advance(15_000);
    expect(failures).toMatchObject([{ code: 'EIO' }]);
    expect(await names(`${META}/journal`)).toEqual(['1.syncing']);
  });

  test.each([
    ['of a plain file', /task\.info/],
    ['of the journal', /journal\/1$/],
  ])('what a failed sync %s may have taken is written anew', async (_what, path) => {
    const sim = new Simulation();
    const machine = sim.machine();
    const boot = async () => {
      const node = sim.boot(machine);
      const { runtime } = node;
      const { disk, host } = runtime;
      const options = { disk, bootId: host.bootId, metaDirectory: META, strict: true };
      const recovered = await sim.complete(recoverJournal(options));
      const onFatal = () => undefined;
      const next = new DiskJournal({ runtime, metaDirectory: META, recovered, onFatal });
      return { node, journal: next };
    };
    const first = await boot();
    first.journal.append(put('before', '1'), 'boot-id');
    await sim.complete(first.journal.flush());
    machine.disk.inject({ kind: 'sync', path, code: 'EIO', times: 1 });
    first.journal.append(put('task.info', 'v'), 'task-info');
    await sim.advance(1_000);
    first.journal.append(put('more', '1'), 'boot-id'); // Says that the one before was carried out.
    await sim.advance(15_000);
    sim.kill(first.node);

    const second = await boot(); // And acts on what it finds.
    if (path.test('/meta/task.info')) {
      second.journal.append(put('after', '1'), 'boot-id');
      await sim.advance(15_000);
    }
    sim.reboot(machine);
    const { disk } = (await boot()).node.runtime;
    const found = await sim.complete(disk.readFile(`${META}/task.info`));
    expect(new TextDecoder().decode(found)).toBe('v');
  });

  test('an append cuts off what a crash left half written behind it', async () => {
    const { sim, disk, journal, text } = await setUp();
    await sim.complete(disk.writeFile(`${META}/u`, bytes('one, and a torn tail')));
    journal.append(append('u', 3, ' two'), 'update-record');
    await sim.advance(100);
    expect(await text('u')).toBe('one two');
  });

  test('refuses to begin where the segments of another were not recovered', async () => {
    const { sim, disk, journal, failures } = await setUp();
    await sim.complete(disk.makeDirectory(`${META}/journal`));
    await sim.complete(disk.writeFile(`${META}/journal/1`, bytes('x')));
    journal.append(put('a', '1'), 'task-info');
    await sim.advance(100);
    expect(failures).toMatchObject([{ code: 'EEXIST' }]);
  });
});
