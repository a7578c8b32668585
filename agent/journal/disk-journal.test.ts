import { describe, expect, test } from '@jest/globals';
import { Simulation, type DiskFault, type DiskOperation } from '../../libprocess/sim/index.ts';
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
  test('runs what waits for a record once it is synced and applied, in that order', async () => {
    const { sim, operations, journal, text } = await setUp();
    const seen: string[][] = [];
    const lsn = journal.append(put('boot_id', 'b1'), 'boot-id');
    journal.after(lsn, () => seen.push([...operations]));
    expect(seen).toEqual([]);
    await sim.complete(journal.flush());
    const [before = []] = seen;
    const order = [
      'write /journal/1',
      'sync /journal/1',
      'write /boot_id.tmp',
      'rename /boot_id.tmp',
    ];
    const at = order.map((operation) => before.lastIndexOf(operation));
    expect(at).not.toContain(-1);
    expect(at).toEqual([...at].sort((a, b) => a - b));
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
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(operations.filter((each) => each === 'sync /journal/1')).toHaveLength(2); // Header, commit.
    expect(operations.filter((each) => each === 'write /f3')).toHaveLength(1);
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
    expect(operations.indexOf('sync /a')).toBeLessThan(operations.indexOf('remove /journal/1'));
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
    const recovery = recoverJournal({ disk, metaDirectory: META, strict: true });
    expect(await sim.complete(recovery)).toMatchObject({ commits: 1, tornBytes: 0 });
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
    expect(await names(`${META}/journal`)).toEqual(['1']);
  });

  test('an append cuts off what a crash left half written behind it', async () => {
    const { sim, disk, journal, text } = await setUp();
    await sim.complete(disk.writeFile(`${META}/u`, bytes('one, and a torn tail')));
    journal.append(append('u', 3, ' two'), 'update-record');
    await sim.complete(journal.flush());
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
