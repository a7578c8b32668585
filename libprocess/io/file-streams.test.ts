import { describe, expect, test } from '@jest/globals';
import { rejection } from '../../tests/conformance/subject.ts';
import { Simulation } from '../sim/simulation.ts';
import { fileSink, fileSource } from './file-streams.ts';
import { readAll, redirect } from './redirect.ts';

const CONTENTS = new Uint8Array(300_000).map((_, index) => index % 251);

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b);

describe('a file', () => {
  test('is copied, and read from any place, like all that has bytes', async () => {
    const sim = new Simulation();
    const { disk } = sim.node().runtime;
    const copy = async (): Promise<void> => {
      await disk.writeFile('/from', CONTENTS);
      await using from = await disk.open('/from', 'read');
      await using to = await disk.open('/to', 'truncate');
      await redirect(fileSource(from), fileSink(to));
      expect(same(await disk.readFile('/to'), CONTENTS)).toBe(true);
      expect(same(await readAll(fileSource(from, 299_000)), CONTENTS.slice(299_000))).toBe(true);
      expect(await readAll(fileSource(from, 1_000_000))).toHaveLength(0);
    };
    await sim.complete(copy());
  });

  test('that goes to a slow reader is not read ahead of it', async () => {
    const sim = new Simulation();
    const node = sim.node();
    const { disk } = node.runtime;
    let reads = 0;
    const open = async (): Promise<void> => {
      await disk.writeFile('/from', CONTENTS);
      const file = await disk.open('/from', 'read');
      node.machine.disk.onOperation = ({ kind }) => void (reads += kind === 'read' ? 1 : 0);
      const source = fileSource(file);
      await source.poll();
    };
    await sim.complete(open());
    await sim.advance(10_000);
    expect(reads).toBe(1);
  });

  test('that cannot be read or written fails who reads or writes', async () => {
    const sim = new Simulation();
    const node = sim.node();
    const { disk } = node.runtime;
    const fail = async (): Promise<void> => {
      await disk.writeFile('/from', CONTENTS);
      await using from = await disk.open('/from', 'read');
      await using to = await disk.open('/to', 'truncate');
      node.machine.disk.inject({ kind: 'write', code: 'ENOSPC', times: 1 });
      const failed = redirect(fileSource(from), fileSink(to));
      expect(await rejection(failed)).toMatchObject({ code: 'ENOSPC' });
      node.machine.disk.inject({ kind: 'read', code: 'EIO' });
      expect(await rejection(readAll(fileSource(from)))).toMatchObject({ code: 'EIO' });
    };
    await sim.complete(fail());
  });
});
