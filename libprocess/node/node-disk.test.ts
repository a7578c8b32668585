import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDisk } from '../../tests/conformance/disk.ts';
import { NodeDisk } from './node-disk.ts';

describeDisk('NodeDisk', async () => {
  const root = await mkdtemp(join(tmpdir(), 'mesos-disk-'));
  return {
    it: new NodeDisk(),
    root,
    complete: (promise) => Promise.resolve(promise),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
});
