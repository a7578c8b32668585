import { describe, expect, test } from '@jest/globals';
import { bytes, rejection, text } from '../../../tests/conformance/subject.ts';
import type { Disk } from '../../disk.ts';
import { Simulation, type SimNode } from '../simulation.ts';

const SEEDS = Array.from({ length: 100 }, (_, seed) => seed);

/** Runs `work` on a fresh machine, cuts the power, and reads what is left with `look`. */
async function afterPowerCut<T>(
  seed: number,
  work: (disk: Disk) => Promise<void>,
  look: (disk: Disk) => Promise<T>,
): Promise<T> {
  const sim = new Simulation({ seed });
  const node = sim.node();
  await sim.complete(work(node.runtime.disk));
  sim.reboot(node.machine);
  return sim.complete(look(sim.boot(node.machine).runtime.disk));
}

const contents = async (disk: Disk, path: string): Promise<string | undefined> => {
  try {
    return text(await disk.readFile(path));
  } catch {
    return undefined;
  }
};

/** A file whose name is durable; what is in it may not be. */
async function durableName(disk: Disk, path: string): Promise<void> {
  await disk.writeFile(path, bytes(''));
  await disk.syncDirectory('/');
}

/** Appends; durable only with the sync. */
async function write(disk: Disk, path: string, value: string): Promise<void> {
  await using file = await disk.open(path, 'write');
  await file.write(await file.size(), bytes(value));
}

async function writeSynced(disk: Disk, path: string, value: string): Promise<void> {
  await using file = await disk.open(path, 'write');
  await file.write(await file.size(), bytes(value));
  await file.sync();
}

describe('a power cut', () => {
  test('never takes what was synced under a synced name', async () => {
    for (const seed of SEEDS) {
      const work = async (disk: Disk): Promise<void> => {
        await durableName(disk, '/a');
        await writeSynced(disk, '/a', 'synced');
        await write(disk, '/a', ' not');
      };
      expect(await afterPowerCut(seed, work, (d) => contents(d, '/a'))).toMatch(/^synced/);
    }
  });

  test('takes any suffix of the unsynced writes, and tears the last at any byte', async () => {
    const records = ['aaaa', 'bbbb', 'cccc'];
    const left = new Set<string>();
    for (const seed of SEEDS) {
      const work = async (disk: Disk): Promise<void> => {
        await durableName(disk, '/a');
        for (const record of records) await write(disk, '/a', record);
      };
      left.add((await afterPowerCut(seed, work, (d) => contents(d, '/a'))) ?? 'absent');
    }
    for (const value of left) expect(records.join('').startsWith(value)).toBe(true);
    expect([...left].some((value) => value.length % 4 !== 0)).toBe(true);
    expect([...left]).toEqual(expect.arrayContaining(['', 'aaaabbbbcccc']));
  });

  test('may take what was written while a sync was running', async () => {
    const left = new Set<string | undefined>();
    for (const seed of SEEDS) {
      const work = async (disk: Disk): Promise<void> => {
        await durableName(disk, '/a');
        await using file = await disk.open('/a', 'write');
        await file.write(0, bytes('before'));
        const syncing = file.sync();
        await file.write(6, bytes('!'));
        await syncing;
      };
      left.add(await afterPowerCut(seed, work, (d) => contents(d, '/a')));
    }
    expect([...left].sort()).toEqual(['before', 'before!']);
  });

  test('may let a rename survive whose data it takes, unless they were synced before', async () => {
    const replaced = async (sync: boolean): Promise<Set<string | undefined>> => {
      const left = new Set<string | undefined>();
      for (const seed of SEEDS) {
        const work = async (disk: Disk): Promise<void> => {
          await durableName(disk, '/a');
          await writeSynced(disk, '/a', 'old');
          await (sync ? writeSynced : write)(disk, '/tmp', 'new');
          await disk.rename('/tmp', '/a');
        };
        left.add(await afterPowerCut(seed, work, (d) => contents(d, '/a')));
      }
      return left;
    };
    expect([...(await replaced(true))].sort()).toEqual(['new', 'old']);
    expect([...(await replaced(false))]).toEqual(expect.arrayContaining(['', 'old', 'new']));
  });

  test('may take a new name back until its directory is synced', async () => {
    const names = async (sync: boolean): Promise<Set<string | undefined>> => {
      const left = new Set<string | undefined>();
      for (const seed of SEEDS) {
        const work = async (disk: Disk): Promise<void> => {
          await writeSynced(disk, '/a', 'data');
          if (sync) await disk.syncDirectory('/');
        };
        left.add(await afterPowerCut(seed, work, (d) => contents(d, '/a')));
      }
      return left;
    };
    expect([...(await names(true))]).toEqual(['data']);
    expect([...(await names(false))]).toEqual(expect.arrayContaining(['data', undefined]));
  });

  test('may bring a removed file back until its directory is synced', async () => {
    const left = new Set<string | undefined>();
    for (const seed of SEEDS) {
      const work = async (disk: Disk): Promise<void> => {
        await durableName(disk, '/a');
        await writeSynced(disk, '/a', 'data');
        await disk.unlink('/a');
      };
      left.add(await afterPowerCut(seed, work, (d) => contents(d, '/a')));
    }
    expect([...left]).toEqual(expect.arrayContaining(['data', undefined]));
  });

  test('takes what a failed sync covered, though it stays readable and a later sync succeeds', async () => {
    for (const seed of SEEDS) {
      const sim = new Simulation({ seed });
      const node = sim.node();
      const { disk } = node.runtime;
      await sim.complete(durableName(disk, '/a'));
      node.machine.disk.inject({ kind: 'sync', code: 'EIO', times: 1 });
      const failed = await sim.complete(rejection(writeSynced(disk, '/a', 'lost')));
      expect(failed).toMatchObject({ code: 'EIO', message: "Failed to sync '/a': i/o error" });
      await sim.complete(writeSynced(disk, '/a', 'kept'));
      expect(await sim.complete(contents(disk, '/a'))).toBe('lostkept');
      sim.reboot(node.machine);
      const after = await sim.complete(contents(sim.boot(node.machine).runtime.disk, '/a'));
      expect(after).toBe('\0\0\0\0kept');
    }
  });
});

describe('a killed process', () => {
  test('leaves what it wrote to those that come after it', async () => {
    for (const seed of SEEDS) {
      const sim = new Simulation({ seed });
      const node = sim.node();
      await sim.complete(write(node.runtime.disk, '/a', 'unsynced'));
      sim.kill(node);
      const next = sim.boot(node.machine);
      expect(await sim.complete(contents(next.runtime.disk, '/a'))).toBe('unsynced');
    }
  });

  test('may or may not have reached the kernel with the call it was making', async () => {
    const left = new Set<string | undefined>();
    for (const seed of SEEDS) {
      const sim = new Simulation({ seed });
      const node = sim.node();
      const file = await sim.complete(node.runtime.disk.open('/a', 'write'));
      let heard = false;
      void file.write(0, bytes('x')).then(() => (heard = true));
      await sim.settle();
      sim.kill(node);
      left.add(await sim.complete(contents(sim.boot(node.machine).runtime.disk, '/a')));
      expect(heard).toBe(false);
    }
    expect([...left].sort()).toEqual(['', 'x']);
  });

  test('can be killed at any operation, and then neither it nor a later one happens', async () => {
    const story = async (disk: Disk): Promise<void> => {
      for (const name of ['1', '2', '3']) {
        await writeSynced(disk, '/tmp', name);
        await disk.rename('/tmp', `/${name}`);
        await disk.syncDirectory('/');
      }
    };
    const sim = new Simulation();
    const counted = sim.node();
    await sim.complete(story(counted.runtime.disk));
    expect(counted.machine.disk.operations).toBeGreaterThan(12);
    for (let at = 1; at <= counted.machine.disk.operations; at += 1) {
      const run = new Simulation({ seed: at });
      const node = run.node();
      node.machine.disk.onOperation = ({ ordinal }) => {
        if (ordinal === at) run.kill(node);
      };
      void story(node.runtime.disk);
      await run.advance(60_000);
      expect(node.alive).toBe(false);
      expect(node.machine.disk.operations).toBe(at);
    }
  });

  test('gives its directories free, and so does a power cut', async () => {
    const sim = new Simulation();
    const first = sim.node();
    await sim.complete(first.runtime.disk.lockDirectory('/'));
    const second = sim.boot(first.machine);
    const refused = await sim.complete(rejection(second.runtime.disk.lockDirectory('/')));
    const message = `Failed to lock '/': process ${first.pid} holds it`;
    expect(refused).toMatchObject({ code: 'DIRECTORY_LOCKED', message });
    sim.kill(first);
    await sim.complete(second.runtime.disk.lockDirectory('/'));
    sim.reboot(first.machine);
    await sim.complete(sim.boot(first.machine).runtime.disk.lockDirectory('/'));
  });
});

describe('a disk', () => {
  const opened = async (): Promise<{ sim: Simulation; node: SimNode }> => {
    const sim = new Simulation();
    const node = sim.node();
    await sim.complete(durableName(node.runtime.disk, '/a'));
    return { sim, node };
  };

  test('that is full takes what fits, refuses the rest, and has room again after a removal', async () => {
    const { sim, node } = await opened();
    const { disk } = node.runtime;
    node.machine.disk.setFreeBytes(10);
    await sim.complete(write(disk, '/b', '12345678'));
    const full = await sim.complete(rejection(write(disk, '/a', 'abcd')));
    expect(full).toMatchObject({
      code: 'ENOSPC',
      message: "Failed to write '/a': no space left on device",
    });
    expect(await sim.complete(contents(disk, '/a'))).toBe('ab');
    await sim.complete(disk.unlink('/b'));
    await sim.complete(write(disk, '/a', 'cd'));
    expect((await sim.complete(disk.usage('/'))).freeBytes).toBe(6);
  });

  test('that is slow to sync is slow to sync only', async () => {
    const { sim, node } = await opened();
    node.machine.disk.syncLatency = { minMs: 30_000, maxMs: 30_000 };
    const startMs = sim.nowMs;
    await sim.complete(write(node.runtime.disk, '/a', 'x'));
    expect(sim.nowMs - startMs).toBeLessThan(10);
    await sim.complete(writeSynced(node.runtime.disk, '/a', 'x'));
    expect(sim.nowMs - startMs).toBeGreaterThanOrEqual(30_000);
  });

  test('fails only what matches the fault, and only as often as it says', async () => {
    const { sim, node } = await opened();
    const { disk } = node.runtime;
    node.machine.disk.inject({ kind: 'open', path: /\/bad$/, code: 'EIO', times: 2 });
    await sim.complete(write(disk, '/good', 'x'));
    for (let i = 0; i < 2; i += 1) {
      expect(await sim.complete(rejection(disk.open('/bad', 'write')))).toMatchObject({
        code: 'EIO',
      });
    }
    await sim.complete(write(disk, '/bad', 'x'));
  });
});
