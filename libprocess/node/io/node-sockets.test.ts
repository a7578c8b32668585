import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSockets } from '../../../tests/conformance/sockets.ts';
import { NodeClock } from '../node-clock.ts';
import { NodeDisk } from '../node-disk.ts';
import { NodeSockets } from './node-sockets.ts';

describeSockets('NodeSockets', async () => {
  const root = await mkdtemp(join(tmpdir(), 'mesos-sockets-'));
  return {
    it: new NodeSockets(),
    clock: new NodeClock(),
    disk: new NodeDisk(),
    root,
    complete: (promise) => Promise.resolve(promise),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
});
