import { describe, expect, test } from '@jest/globals';
import { DiskError } from '../../libprocess/errors.ts';
import { Simulation } from '../../libprocess/sim/index.ts';
import { DiskJournal } from './disk-journal.ts';
import { MemoryDisk } from './memory-disk.ts';
import { recoverJournal } from './recover-journal.ts';

const META = '/work/meta';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const put = (path: string, text: string) => ({ kind: 'put', path, bytes: bytes(text) }) as const;
const append = (path: string, offset: number, text: string) =>
  ({ kind: 'append', path, offset, bytes: bytes(text) }) as const;

async function setUp() {
  const sim = new Simulation();
  const disk = new MemoryDisk();
  await disk.makeDirectory(META);
  const { clock, random, schedule, logger } = sim.node().runtime;
  const failures: unknown[] = [];
  const journal = new DiskJournal({
    runtime: { clock, random, schedule, logger, disk },
    metaDirectory: META,
    onFatal: (error) => failures.push(error),
  });
  const text = async (path: string) =>
    new TextDecoder().decode(await disk.readFile(`${META}/${path}`));
  const segments = () =>
    [...disk.nodes.keys()].filter((path) => path.startsWith(`${META}/journal/`));
  return { sim, disk, journal, failures, text, segments };
}

describe('the journal of an agent', () => {
  test('runs what waits for a record once it is synced and applied', async () => {
    const { sim, disk, journal, text } = await setUp();
    const seen: string[] = [];
    const lsn = journal.append(put('boot_id', 'b1'), 'boot-id');
    journal.after(lsn, () => seen.push(disk.log.join()));
    expect(seen).toEqual([]);
    await sim.settle();
    expect(seen[0]).toMatch(
      /write \/work\/meta\/journal\/1,sync \/work\/meta\/journal\/1,write .*boot_id/,
    );
    expect(await text('boot_id')).toBe('b1');
    journal.after(lsn, () => seen.push('at once'));
    expect(seen).toHaveLength(2);
  });

  test('commits all that was appended in one turn with one sync', async () => {
    const { sim, disk, journal } = await setUp();
    const order: number[] = [];
    for (let i = 0; i < 100; i += 1) {
      const lsn = journal.append(append(`f${i % 7}`, Math.floor(i / 7), 'x'), 'update-record');
      journal.after(lsn, () => order.push(i));
    }
    await sim.settle();
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(disk.log.filter((line) => line === `sync ${META}/journal/1`)).toHaveLength(2);
    expect(disk.log.filter((line) => line === `write ${META}/f3`)).toHaveLength(1);
  });

  test('leaves no files of its own after a clean stop', async () => {
    const { sim, journal, segments, disk } = await setUp();
    journal.append(put('a/b', '1'), 'task-info');
    await sim.complete(journal.close());
    expect(segments()).toEqual([]);
    expect(disk.nodes.has(`${META}/journal`)).toBe(false);
    expect(disk.log).toContain(`sync ${META}/a/b`);
    expect(disk.log).toContain(`sync ${META}/a`);
    expect(disk.log).toContain(`sync ${META}`);
  });

  test('removes a segment after ten seconds, its files synced first', async () => {
    const { sim, journal, segments } = await setUp();
    journal.append(put('a', '1'), 'task-info');
    await sim.advance(9_999);
    expect(segments()).toHaveLength(1);
    await sim.advance(2);
    expect(segments()).toEqual([]);
  });

  test('a full disk refuses a launch, holds an update and loses neither order nor usability', async () => {
    const { sim, disk, journal, text, failures } = await setUp();
    let full = true;
    disk.fault = (what) => {
      if (full && what === 'write') throw new DiskError('ENOSPC', 'full');
    };
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
    full = false;
    await sim.advance(1_000);
    expect(seen).toEqual(['refused', 'update']);
    journal.after(journal.append(put('t', 'later'), 'task-info', 'refuse'), () => seen.push('ok'));
    await sim.settle();
    expect(seen).toEqual(['refused', 'update', 'ok']);
    expect([await text('u'), await text('t'), failures]).toEqual(['one', 'later', []]);
  });

  test('a failed sync is final: nothing waits any more, and the owner hears it once', async () => {
    const { sim, disk, journal, failures } = await setUp();
    await sim.settle();
    disk.fault = (what) => {
      if (what === 'sync') throw new DiskError('EIO', 'bad');
    };
    const seen: string[] = [];
    journal.after(journal.append(put('a', '1'), 'task-info'), () => seen.push('a'));
    await sim.settle();
    journal.after(journal.append(put('b', '1'), 'task-info'), () => seen.push('b'));
    await sim.advance(60_000);
    expect(seen).toEqual([]);
    expect(failures).toMatchObject([{ code: 'EIO' }]);
    await expect(journal.flush()).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' });
  });

  test('what it left is made whole from the segment', async () => {
    const { sim, disk, journal, text, segments } = await setUp();
    journal.append(put('d/info', 'v1'), 'task-info');
    journal.append(append('d/updates', 0, 'abc'), 'update-record');
    journal.append({ kind: 'symlink', path: 'latest', target: '/x/d' }, 'run-directory');
    await sim.settle();
    journal.append(append('d/updates', 3, 'def'), 'update-record');
    journal.append(put('gone', 'x'), 'task-info');
    journal.append({ kind: 'remove', path: 'gone' }, 'garbage-collection');
    await sim.settle();
    for (const path of ['d/info', 'd/updates', 'd', 'latest']) disk.nodes.delete(`${META}/${path}`);
    const recovered = await recoverJournal({ disk, metaDirectory: META, strict: true });
    expect(recovered).toEqual({ commits: 2, tornBytes: 0, damages: [] });
    expect(await text('d/updates')).toBe('abcdef');
    expect(await text('d/info')).toBe('v1');
    expect(await disk.readLink(`${META}/latest`)).toBe('/x/d');
    expect(disk.nodes.has(`${META}/gone`)).toBe(false);
    expect(segments()).toEqual([]);
  });
});
