import { describe, expect, test } from '@jest/globals';
import type { Disk } from '../../libprocess/disk.ts';
import { DirectoryLockedError, DiskError } from '../../libprocess/errors.ts';
import { bytes, rejection, text, type Subject } from './subject.ts';

/** A disk and an empty directory on it. */
export interface DiskSubject extends Subject<Disk> {
  readonly root: string;
}

export type OpenDisk = () => Promise<DiskSubject>;

/** The contract of `Disk`. */
export function describeDisk(name: string, open: OpenDisk): void {
  describe(`${name} is a Disk`, () => {
    describeFiles(open);
    describeNames(open);
    describeLinks(open);
    describeAttributes(open);
    describeLock(open);
  });
}

/** Runs `body` with a fresh disk; whatever it awaits moves the world on. */
function withDisk(
  open: OpenDisk,
  body: (disk: Disk, root: string, fails: Fails) => Promise<void>,
): () => Promise<void> {
  return async () => {
    await using subject = await open();
    await subject.complete(body(subject.it, subject.root, failsWith));
  };
}

type Fails = (operation: Promise<unknown>, code: string, message?: string) => Promise<void>;

const failsWith: Fails = async (operation, code, message) => {
  const error = await rejection(operation);
  expect(error).toBeInstanceOf(DiskError);
  expect(error).toMatchObject({ code, ...(message === undefined ? {} : { message }) });
};

function describeFiles(open: OpenDisk): void {
  test(
    'what was written is read back, from any offset',
    withDisk(open, async (disk, root) => {
      await using file = await disk.open(`${root}/a`, 'write');
      await file.write(0, bytes('hello world'));
      await file.write(6, bytes('there'));
      expect(text(await file.read(0, 100))).toBe('hello there');
      expect(text(await file.read(6, 3))).toBe('the');
      expect(await file.read(11, 5)).toHaveLength(0);
      expect(await file.size()).toBe(11);
      await file.sync();
      expect(text(await disk.readFile(`${root}/a`))).toBe('hello there');
    }),
  );

  test(
    'writes that are under way together keep their order',
    withDisk(open, async (disk, root) => {
      await using a = await disk.open(`${root}/a`, 'write');
      await using b = await disk.open(`${root}/b`, 'write');
      const small = Array.from({ length: 1_000 }, (_, index) => String(index % 10));
      const large = new Uint8Array(100_000).fill(97);
      const writes = small.map((digit, index) => a.write(index, bytes(digit)));
      await Promise.all([...writes, b.write(0, large)]);
      expect(text(await a.read(0, 2_000))).toBe(small.join(''));
      expect(text(await b.read(0, 200_000))).toBe(text(large));
    }),
  );

  test(
    'a new file has the mode that is asked for',
    withDisk(open, async (disk, root) => {
      for (const mode of [0o600, 0o644, 0o666]) {
        await disk.writeFile(`${root}/${mode}`, bytes('x'), mode);
        expect((await disk.status(`${root}/${mode}`)).mode).toBe(mode);
      }
    }),
  );

  test(
    'a gap between writes reads as zeros',
    withDisk(open, async (disk, root) => {
      await using file = await disk.open(`${root}/a`, 'write');
      await file.write(3, bytes('x'));
      expect([...(await file.read(0, 10))]).toEqual([0, 0, 0, 120]);
    }),
  );

  test(
    'a file that is cut and grown again holds no old bytes',
    withDisk(open, async (disk, root) => {
      await using file = await disk.open(`${root}/a`, 'write');
      await file.write(0, bytes('abcdef'));
      await file.truncate(2);
      await file.truncate(4);
      expect([...(await file.read(0, 10))]).toEqual([97, 98, 0, 0]);
    }),
  );

  test(
    'a written buffer may be reused at once',
    withDisk(open, async (disk, root) => {
      await using file = await disk.open(`${root}/a`, 'write');
      const buffer = bytes('first');
      await file.write(0, buffer);
      buffer.fill(0);
      expect(text(await file.read(0, 5))).toBe('first');
    }),
  );

  test(
    'the four ways to open differ in what they expect and keep',
    withDisk(open, async (disk, root, fails) => {
      const path = `${root}/a`;
      const missing = `Failed to open '${path}': no such file or directory`;
      await fails(disk.open(path, 'read'), 'ENOENT', missing);
      await (await disk.open(path, 'exclusive'))[Symbol.asyncDispose]();
      await fails(disk.open(path, 'exclusive'), 'EEXIST');
      await disk.writeFile(path, bytes('kept'));
      await (await disk.open(path, 'write'))[Symbol.asyncDispose]();
      expect(text(await disk.readFile(path))).toBe('kept');
      await (await disk.open(path, 'truncate'))[Symbol.asyncDispose]();
      expect(await disk.readFile(path)).toHaveLength(0);
    }),
  );

  test(
    'closing twice is harmless, using a closed file is not',
    withDisk(open, async (disk, root) => {
      const file = await disk.open(`${root}/a`, 'write');
      await file[Symbol.asyncDispose]();
      await file[Symbol.asyncDispose]();
      expect(await rejection(file.write(0, bytes('x')))).toBeInstanceOf(DiskError);
    }),
  );

  test(
    'writing a whole file replaces what was there',
    withDisk(open, async (disk, root) => {
      await disk.writeFile(`${root}/a`, bytes('a longer text'));
      await disk.writeFile(`${root}/a`, bytes('short'));
      expect(text(await disk.readFile(`${root}/a`))).toBe('short');
    }),
  );
}

function describeNames(open: OpenDisk): void {
  test(
    'a directory is created with its parents, and creating it again is harmless',
    withDisk(open, async (disk, root, fails) => {
      await disk.makeDirectory(`${root}/a/b/c`);
      await disk.makeDirectory(`${root}/a/b/c`);
      expect((await disk.status(`${root}/a/b/c`)).kind).toBe('directory');
      await disk.writeFile(`${root}/file`, bytes(''));
      await fails(disk.makeDirectory(`${root}/file`), 'EEXIST');
      await fails(disk.makeDirectory(`${root}/file/below`), 'ENOTDIR');
    }),
  );

  test(
    'a directory lists its entries with their kinds',
    withDisk(open, async (disk, root, fails) => {
      await disk.makeDirectory(`${root}/directory`);
      await disk.writeFile(`${root}/file`, bytes('x'));
      await disk.symlink('file', `${root}/link`);
      const entries = [...(await disk.readDirectory(root))];
      expect(entries.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
        { name: 'directory', kind: 'directory' },
        { name: 'file', kind: 'file' },
        { name: 'link', kind: 'symlink' },
      ]);
      await fails(disk.readDirectory(`${root}/missing`), 'ENOENT');
      await fails(disk.readDirectory(`${root}/file`), 'ENOTDIR');
    }),
  );

  test(
    'a rename replaces a file, moves a tree, and refuses what makes no sense',
    withDisk(open, async (disk, root, fails) => {
      await disk.writeFile(`${root}/new`, bytes('new'));
      await disk.writeFile(`${root}/old`, bytes('old'));
      await disk.rename(`${root}/new`, `${root}/old`);
      expect(text(await disk.readFile(`${root}/old`))).toBe('new');
      await fails(disk.readFile(`${root}/new`), 'ENOENT');
      await disk.makeDirectory(`${root}/tree/below`);
      await disk.writeFile(`${root}/tree/below/leaf`, bytes('leaf'));
      await disk.rename(`${root}/tree`, `${root}/moved`);
      expect(text(await disk.readFile(`${root}/moved/below/leaf`))).toBe('leaf');
      await fails(disk.rename(`${root}/missing`, `${root}/x`), 'ENOENT');
      await fails(disk.rename(`${root}/old`, `${root}/moved`), 'EISDIR');
      await fails(disk.rename(`${root}/moved`, `${root}/old`), 'ENOTDIR');
      await fails(disk.rename(`${root}/moved`, `${root}/moved/below/x`), 'EINVAL');
      await disk.makeDirectory(`${root}/empty`);
      await fails(disk.rename(`${root}/empty`, `${root}/moved`), 'ENOTEMPTY');
    }),
  );

  test(
    'an open file survives the loss of its name',
    withDisk(open, async (disk, root, fails) => {
      await using file = await disk.open(`${root}/a`, 'write');
      await disk.rename(`${root}/a`, `${root}/b`);
      await file.write(0, bytes('renamed'));
      expect(text(await disk.readFile(`${root}/b`))).toBe('renamed');
      await disk.unlink(`${root}/b`);
      expect(text(await file.read(0, 10))).toBe('renamed');
      await fails(disk.readFile(`${root}/b`), 'ENOENT');
    }),
  );

  test(
    'only files and links are unlinked',
    withDisk(open, async (disk, root, fails) => {
      await disk.makeDirectory(`${root}/d`);
      await fails(disk.unlink(`${root}/d`), 'EISDIR');
      const missing = `Failed to remove '${root}/missing': no such file or directory`;
      await fails(disk.unlink(`${root}/missing`), 'ENOENT', missing);
    }),
  );

  test(
    'a tree is removed whole, and links out of it are not followed',
    withDisk(open, async (disk, root, fails) => {
      await disk.makeDirectory(`${root}/kept`);
      await disk.writeFile(`${root}/kept/file`, bytes('x'));
      await disk.makeDirectory(`${root}/tree/a/b`);
      await disk.writeFile(`${root}/tree/a/file`, bytes('x'));
      await disk.symlink(`${root}/kept`, `${root}/tree/a/out`);
      await disk.removeTree(`${root}/tree`);
      await fails(disk.status(`${root}/tree`), 'ENOENT');
      expect(text(await disk.readFile(`${root}/kept/file`))).toBe('x');
      await disk.removeTree(`${root}/tree`);
      await disk.removeTree(`${root}/kept/file`);
      expect(await disk.readDirectory(`${root}/kept`)).toEqual([]);
    }),
  );

  test(
    'a directory is synced, a file is not synced as one',
    withDisk(open, async (disk, root, fails) => {
      await disk.writeFile(`${root}/file`, bytes('x'));
      await disk.syncDirectory(root);
      await fails(disk.syncDirectory(`${root}/file`), 'ENOTDIR');
      await fails(disk.syncDirectory(`${root}/missing`), 'ENOENT');
    }),
  );
}

function describeLinks(open: OpenDisk): void {
  test(
    'a link is read, followed, and examined for itself',
    withDisk(open, async (disk, root, fails) => {
      await disk.makeDirectory(`${root}/runs/1`);
      await disk.writeFile(`${root}/runs/1/file`, bytes('through'));
      await disk.symlink('1', `${root}/runs/latest`);
      expect(await disk.readLink(`${root}/runs/latest`)).toBe('1');
      expect(text(await disk.readFile(`${root}/runs/latest/file`))).toBe('through');
      expect((await disk.status(`${root}/runs/latest`)).kind).toBe('directory');
      expect((await disk.linkStatus(`${root}/runs/latest`)).kind).toBe('symlink');
      await fails(disk.symlink('2', `${root}/runs/latest`), 'EEXIST');
      await fails(disk.readLink(`${root}/runs/1`), 'EINVAL');
      await disk.unlink(`${root}/runs/latest`);
      expect((await disk.status(`${root}/runs/1`)).kind).toBe('directory');
    }),
  );

  test(
    'a link to nothing can be replaced by renaming another over it',
    withDisk(open, async (disk, root, fails) => {
      await disk.symlink(`${root}/missing`, `${root}/latest`);
      await fails(disk.status(`${root}/latest`), 'ENOENT');
      await disk.symlink('there', `${root}/latest.tmp`);
      await disk.rename(`${root}/latest.tmp`, `${root}/latest`);
      expect(await disk.readLink(`${root}/latest`)).toBe('there');
    }),
  );

  test(
    'links in a circle are an error',
    withDisk(open, async (disk, root, fails) => {
      await disk.symlink('b', `${root}/a`);
      await disk.symlink('a', `${root}/b`);
      await fails(disk.readFile(`${root}/a`), 'ELOOP');
    }),
  );
}

function describeAttributes(open: OpenDisk): void {
  test(
    'size, mode, links and time are told',
    withDisk(open, async (disk, root) => {
      const path = `${root}/a`;
      await disk.writeFile(path, bytes('12345'));
      await disk.setMode(path, 0o640);
      await disk.setModifiedAt(path, 1_600_000_000_000);
      const expected = { kind: 'file', sizeBytes: 5, mode: 0o640, linkCount: 1 };
      expect(await disk.status(path)).toMatchObject(expected);
      expect((await disk.status(path)).modifiedAtMs).toBe(1_600_000_000_000);
      await disk.writeFile(path, bytes('6'));
      expect((await disk.status(path)).modifiedAtMs).toBeGreaterThan(1_600_000_000_000);
    }),
  );

  test(
    'an owner is set on a link itself, not on what it points to',
    withDisk(open, async (disk, root) => {
      await disk.writeFile(`${root}/a`, bytes(''));
      const { uid, gid } = await disk.status(`${root}/a`);
      await disk.symlink('a', `${root}/link`);
      await disk.setOwner(`${root}/link`, uid, gid);
      expect(await disk.status(`${root}/a`)).toMatchObject({ uid, gid });
      await disk.symlink('nowhere', `${root}/dangling`);
      await disk.setOwner(`${root}/dangling`, uid, gid);
    }),
  );

  test(
    'room on the disk is told of any path on it',
    withDisk(open, async (disk, root, fails) => {
      const { totalBytes, freeBytes } = await disk.usage(root);
      expect(totalBytes).toBeGreaterThan(0);
      expect(freeBytes).toBeLessThanOrEqual(totalBytes);
      await fails(disk.usage(`${root}/missing`), 'ENOENT');
    }),
  );
}

function describeLock(open: OpenDisk): void {
  test(
    'a directory is locked once, whatever path leads to it, until it is released',
    withDisk(open, async (disk, root) => {
      await disk.makeDirectory(`${root}/work`);
      await disk.symlink('work', `${root}/alias`);
      {
        await using lock = await disk.lockDirectory(`${root}/work`);
        expect(lock).toBeDefined();
        const error = await rejection(disk.lockDirectory(`${root}/alias`));
        expect(error).toBeInstanceOf(DirectoryLockedError);
        expect(String(error)).toMatch(/Failed to lock '.*\/alias': process \d+ holds it$/);
      }
      await (await disk.lockDirectory(`${root}/work`))[Symbol.asyncDispose]();
    }),
  );

  test(
    'what is not there is not locked',
    withDisk(open, async (disk, root, fails) => {
      await fails(disk.lockDirectory(`${root}/missing`), 'ENOENT');
    }),
  );
}
