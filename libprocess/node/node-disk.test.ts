import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDisk, type DiskSubject } from '../../tests/conformance/disk.ts';
import { describeWatcher } from '../../tests/conformance/watcher.ts';
import { NodeDisk } from './node-disk.ts';

const open = async (): Promise<DiskSubject> => {
  const root = await mkdtemp(join(tmpdir(), 'mesos-disk-'));
  return {
    it: new NodeDisk(),
    root,
    complete: (promise) => Promise.resolve(promise),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
};

describeDisk('NodeDisk', open);
describeWatcher('NodeDisk', open);

describe('NodeDisk', () => {
  async function withDirectory(body: (disk: NodeDisk, root: string) => Promise<void>) {
    const root = mkdtempSync(join(tmpdir(), 'mesos-disk-'));
    await body(new NodeDisk(), root).finally(() => rm(root, { recursive: true }));
  }

  test('a FIFO in the place of a file makes nobody wait', () =>
    withDirectory(async (disk, root) => {
      const path = `${root}/fifo`;
      execFileSync('mkfifo', [path]);
      expect(await disk.readFile(path)).toHaveLength(0);
      await expect(disk.writeFile(path, new Uint8Array(1))).rejects.toMatchObject({
        code: 'ENXIO',
      });
    }));

  test('whole files are read and written at every size, small ones beside large ones', () =>
    withDirectory(async (disk, root) => {
      const sizes = [0, 1, 65_535, 65_536, 65_537, 300_000];
      const files = sizes.map((size) => new Uint8Array(size).map((_, index) => index % 251));
      await Promise.all(files.map((file) => disk.writeFile(`${root}/${file.length}`, file)));
      const read = await Promise.all(sizes.map((size) => disk.readFile(`${root}/${size}`)));
      for (const [index, file] of files.entries())
        expect(Buffer.compare(read[index] ?? file, file)).toBe(0);
      expect(read.map((file) => file.length)).toEqual(sizes);
    }));

  test("a file is closed when what the thread pool does with it has ended, and then is nobody's", () =>
    withDirectory(async (disk, root) => {
      const file = await disk.open(`${root}/a`, 'write');
      const written = file.write(0, new Uint8Array(1_000_000));
      const synced = file.sync();
      await Promise.all([file[Symbol.asyncDispose](), written, synced]);
      expect(await disk.readFile(`${root}/a`)).toHaveLength(1_000_000);
      await using other = await disk.open(`${root}/b`, 'write');
      await expect(file.write(0, new Uint8Array(1))).rejects.toMatchObject({ code: 'EBADF' });
      expect(await other.size()).toBe(0);
    }));
});
