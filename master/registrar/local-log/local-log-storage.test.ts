import { describe, expect, test } from '@jest/globals';
import { Simulation, type SimNode } from '../../../libprocess/sim/index.ts';
import { describeStorage } from '../../../tests/conformance/storage.ts';
import { bytes, rejection, text } from '../../../tests/conformance/subject.ts';
import type { NewEntry } from '../storage.ts';
import { LocalLogStorage } from './local-log-storage.ts';

const DIRECTORY = '/var/lib/mesos/master';
const LOG = `${DIRECTORY}/registry.log`;

const open = ({ runtime }: SimNode): Promise<LocalLogStorage> =>
  LocalLogStorage.open({ disk: runtime.disk, random: runtime.random, directory: DIRECTORY });

describeStorage('LocalLogStorage', async () => {
  const sim = new Simulation();
  const it = await sim.complete(open(sim.node()));
  return {
    it,
    complete: (promise) => sim.complete(promise),
    [Symbol.asyncDispose]: () => sim.complete(it[Symbol.asyncDispose]()),
  };
});

const pieces = Array.from({ length: 8 }, (_, n) => bytes(`piece ${n};`));
const entry = (n: number, chunks: readonly Uint8Array[] = pieces.slice(0, n)): NewEntry => ({
  name: 'registry',
  version: `v${n}`,
  epoch: 1,
  chunks,
});

async function write(storage: LocalLogStorage, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n += 1) {
    await storage.set(entry(n), n === 1 ? undefined : `v${n - 1}`);
  }
}

describe('the log of a registry', () => {
  test('opened again gives what was stored, and goes on', async () => {
    const sim = new Simulation();
    const node = sim.node();
    const first = await sim.complete(open(node));
    await sim.complete(write(first, 1, 5));
    await sim.complete(first[Symbol.asyncDispose]());
    const second = await sim.complete(open(node));
    await sim.complete(write(second, 6, 8));
    const read = await sim.complete(second.get('registry'));
    expect([read?.version, text(read?.value ?? bytes(''))]).toEqual([
      'v8',
      pieces.map((each) => text(each)).join(''),
    ]);
  });

  test('survives a crash at any operation with every acknowledged write (G1, G4)', async () => {
    for (const power of [true, false]) {
      let crashed = true;
      for (let at = 1; crashed; at += 1) {
        const sim = new Simulation({ seed: at });
        const machine = sim.machine();
        const node = sim.boot(machine);
        let stored = 0;
        crashed = false;
        machine.disk.onOperation = ({ ordinal }) => {
          if (ordinal !== at) return;
          crashed = true;
          if (power) sim.reboot(machine);
          else sim.kill(node);
        };
        const story = async (): Promise<void> => {
          const storage = await open(node);
          for (let n = 1; n <= 8; n += 1) {
            await storage.set(entry(n), n === 1 ? undefined : `v${n - 1}`);
            stored = n;
          }
        };
        void story();
        await sim.advance(1_000);
        machine.disk.onOperation = undefined;
        if (node.alive) sim.kill(node);
        const again = await sim.complete(open(sim.boot(machine)));
        const version = (await sim.complete(again.get('registry')))?.version ?? 'v0';
        expect([`v${stored}`, `v${stored + 1}`]).toContain(version);
        await sim.complete(write(again, Number(version.slice(1)) + 1, 8));
      }
    }
  });

  test('cut short in its last record gives what was before', async () => {
    const sim = new Simulation();
    const node = sim.node();
    const first = await sim.complete(open(node));
    await sim.complete(write(first, 1, 3));
    await sim.complete(first[Symbol.asyncDispose]());
    const whole = await sim.complete(node.runtime.disk.readFile(LOG));
    await sim.complete(node.runtime.disk.writeFile(LOG, whole.subarray(0, whole.length - 1)));
    const again = await sim.complete(open(node));
    expect((await sim.complete(again.get('registry')))?.version).toBe('v2');
  });

  test('damaged anywhere else is refused by name', async () => {
    const sim = new Simulation();
    const node = sim.node();
    const first = await sim.complete(open(node));
    await sim.complete(write(first, 1, 3));
    await sim.complete(first[Symbol.asyncDispose]());
    const damaged = new Uint8Array(await sim.complete(node.runtime.disk.readFile(LOG)));
    damaged[40] = (damaged[40] ?? 0) ^ 1;
    await sim.complete(node.runtime.disk.writeFile(LOG, damaged));
    const error = await rejection(sim.complete(open(node)));
    expect(error).toMatchObject({ code: 'MESOS_STORAGE_DAMAGED' });
    expect(String(error)).toContain(LOG);
  });

  test('is refused to a second master', async () => {
    const sim = new Simulation();
    const machine = sim.machine();
    await sim.complete(open(sim.boot(machine)));
    const error = await rejection(sim.complete(open(sim.boot(machine))));
    expect(error).toMatchObject({ code: 'DIRECTORY_LOCKED' });
  });

  test('after a failed sync fails for good: nobody knows what is stored', async () => {
    const sim = new Simulation();
    const node = sim.node();
    const storage = await sim.complete(open(node));
    node.machine.disk.inject({ kind: 'sync', code: 'EIO', times: 1 });
    const calls: Promise<unknown>[] = [storage.set(entry(1), undefined), storage.get('registry')];
    for (const call of calls) {
      const error = await rejection(sim.complete(call));
      expect(error).toMatchObject({ code: 'MESOS_STORAGE_UNAVAILABLE' });
    }
  });

  test('is written anew when it has grown long, and holds the same', async () => {
    const sim = new Simulation();
    const node = sim.node();
    const storage = await sim.complete(open(node));
    const large = new Uint8Array(3 * 1024 * 1024).fill(1);
    const sizes: number[] = [];
    for (let n = 1; n <= 4; n += 1) {
      const chunks = [large.slice(), bytes(`v${n}`)];
      await sim.complete(storage.set(entry(n, chunks), n === 1 ? undefined : `v${n - 1}`));
      sizes.push((await sim.complete(node.runtime.disk.status(LOG))).sizeBytes >> 20);
    }
    expect(sizes).toEqual([3, 6, 3, 6]);
    await sim.complete(storage[Symbol.asyncDispose]());
    const again = await sim.complete(open(node));
    expect((await sim.complete(again.get('registry')))?.version).toBe('v4');
  });
});
